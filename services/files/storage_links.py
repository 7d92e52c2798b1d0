"""Requests to links of a storage that has no server of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from core.errors import NotFound
from ports.storage import Key, Storage
from ports.storage_links import Download, ServesLinks


@dataclass(frozen=True, slots=True)
class Found:
    """What a link gives: `size` in bytes."""

    download: Download
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageLinks:
    """Methods raise `NotFound` if the links of the storage do not lead to the application,
    `LinkRefused`, and `StorageUnavailable`. Whoever has a link may use it."""

    storage: Storage

    @property
    def origins(self) -> Sequence[str]:
        """Of the addresses of links, for the Content-Security-Policy of pages with files."""
        return self.storage.origins

    async def receive(
        self, token: str, body: AsyncIterator[bytes], *, media_type: str | None
    ) -> None:
        """Store what is uploaded, chunk by chunk. Raises `WrongSize` and `UploadUnknown`."""
        await self._serving.receive(token, body, content_type=media_type)

    async def find(self, token: str) -> Found:
        """Raises `NotFound` for a file that was removed."""
        download = self._serving.download(token)
        head = await self.storage.head(download.key)
        if head is None:
            raise NotFound
        return Found(download, head.size)

    async def chunks(self, key: Key, start: int, length: int) -> AsyncIterator[bytes]:
        async with self.storage.open(key, start=start, length=length) as chunks:
            async for chunk in chunks:
                yield chunk

    @property
    def _serving(self) -> ServesLinks:
        if not isinstance(self.storage, ServesLinks):
            raise NotFound
        return self.storage
