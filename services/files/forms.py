"""Uploads by forms, for browsers without scripts: the application passes the bytes on."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import BinaryIO

from core.errors import OneHourError
from core.files import Purpose, StoredFile
from ports.storage import CHUNK_SIZE, Storage, Upload
from services.files.uploads import UploadService, quarantine_key


@dataclass(frozen=True, slots=True, kw_only=True)
class FormUploads:
    storage: Storage
    uploads: UploadService

    async def receive(
        self, content: BinaryIO, *, by: str, purpose: Purpose, name: str, media_type: str
    ) -> StoredFile:
        """Upload the whole of `content`, a file on this machine that can be read twice, for the
        account `by`. It is then checked like others. Raises what `UploadService.begin` raises, and
        `StorageUnavailable`; then nothing is left."""
        size, sha256 = await asyncio.to_thread(_measured, content)
        file = await self.uploads.add(
            by=by, purpose=purpose, name=name, size=size, sha256=sha256, media_type=media_type
        )
        upload = Upload(key=quarantine_key(file), size=file.size, content_type=file.declared_type)
        try:
            await self.storage.send(upload, _chunks(content))
            return await self.uploads.complete(file.id, by=by)
        except OneHourError:
            await self.uploads.discard(file.id, by=by)
            raise


def _measured(content: BinaryIO) -> tuple[int, str]:
    content.seek(0)
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(CHUNK_SIZE):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


async def _chunks(content: BinaryIO) -> AsyncIterator[bytes]:
    content.seek(0)
    while chunk := await asyncio.to_thread(content.read, CHUNK_SIZE):
        yield chunk
