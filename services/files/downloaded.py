"""Copies of stored files on this machine, for checks that need a path."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from core.errors import Invalid
from ports.storage import Key, Storage

PREFIX = "onehour-check-"
AT_ONCE = 4
"""Copies of one process at the same time, so at most four times the size of a file."""
ABANDONED_AFTER_S = 3600
"""A copy that is older was left by a process that was killed."""


class WrongBytes(Invalid):
    """The file did not arrive as it was sent. Upload it again."""

    code = "wrong_bytes"


@dataclass(slots=True, kw_only=True)
class Downloaded:
    """Copies files into `folder`, by default the folder for temporary files of this machine."""

    storage: Storage
    folder: Path = field(default_factory=lambda: Path(tempfile.gettempdir()))
    _open: int = 0

    @property
    def busy(self) -> bool:
        return self._open >= AT_ONCE

    @asynccontextmanager
    async def file(self, key: Key, *, size: int, sha256: str) -> AsyncIterator[Path]:
        """The path of a copy, removed afterwards. Raises `WrongBytes` unless it has this size in
        bytes and this SHA-256 (hexadecimal), and `ObjectUnknown`."""
        self._open += 1
        try:
            await asyncio.to_thread(self._remove_abandoned)
            descriptor, name = await asyncio.to_thread(tempfile.mkstemp, "", PREFIX, self.folder)
            try:
                with os.fdopen(descriptor, "wb") as target:
                    await self._copy(key, target, size, sha256)
                yield Path(name)
            finally:
                await asyncio.shield(asyncio.to_thread(os.unlink, name))
        finally:
            self._open -= 1

    async def _copy(self, key: Key, target: BinaryIO, size: int, sha256: str) -> None:
        digest, received = hashlib.sha256(), 0
        async with self.storage.open(key) as chunks:
            async for chunk in chunks:
                received += len(chunk)
                if received > size:
                    raise WrongBytes
                await asyncio.to_thread(_add, chunk, target, digest)
        await asyncio.to_thread(target.flush)
        if received != size or digest.hexdigest() != sha256:
            raise WrongBytes

    def _remove_abandoned(self) -> None:
        before = time.time() - ABANDONED_AFTER_S
        for left in self.folder.glob(f"{PREFIX}*"):
            with suppress(FileNotFoundError):
                if left.stat().st_mtime < before:
                    left.unlink()


def _add(chunk: bytes, target: BinaryIO, digest: hashlib._Hash) -> None:
    target.write(chunk)
    digest.update(chunk)
