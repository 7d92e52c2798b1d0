"""Uploads in parts, as the server knows them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

from adapters.s3.connection import Connection, code_of
from ports.storage import (
    Area,
    Key,
    PartsMissing,
    StorageUnavailable,
    Upload,
    UploadId,
    UploadUnknown,
    WrongSize,
)

Part = dict[str, Any]
NO_ID = ("InvalidRequest", "InvalidArgument", "XMinioInvalidResourceName")
"""How SeaweedFS and MinIO answer to an id that they have not made for this key."""


class Uploads:
    """The unfinished uploads of a bucket."""

    def __init__(self, connection: Connection, bucket: str) -> None:
        self._connection = connection
        self._bucket = bucket

    async def begin(self, upload: Upload) -> UploadId:
        async with self._connection.call() as s3:
            begun = await s3.create_multipart_upload(
                Bucket=self._bucket, Key=str(upload.key), ContentType=upload.content_type
            )
        return UploadId(begun["UploadId"])

    async def parts(self, key: Key, upload_id: UploadId) -> dict[int, Part]:
        """What is stored, by number. Raises `UploadUnknown`."""
        found: dict[int, Part] = {}
        marker = 0
        while True:
            page = await self._page_of_parts(key, upload_id, marker)
            parts = page.get("Parts", ())
            for part in parts:
                _keep_newest(found, part)
            if not page.get("IsTruncated") or not parts:
                return found
            marker = parts[-1]["PartNumber"]

    async def _page_of_parts(self, key: Key, upload_id: UploadId, marker: int) -> Part:
        async with self._connection.call() as s3:
            try:
                page: Part = await s3.list_parts(
                    Bucket=self._bucket,
                    Key=str(key),
                    UploadId=upload_id,
                    PartNumberMarker=marker,
                )
            except ClientError as error:
                if code_of(error) in NO_ID:
                    raise UploadUnknown from error
                raise
        return page

    async def join(self, upload: Upload, upload_id: UploadId) -> None:
        """Make an object of the parts. Raises `PartsMissing`, `UploadUnknown`."""
        stored = await self.parts(upload.key, upload_id)
        wanted = upload.part_sizes
        wrong = [n for n, size in wanted.items() if n not in stored or stored[n]["Size"] != size]
        if wrong:
            raise PartsMissing(wrong)
        parts = [{"PartNumber": n, "ETag": stored[n]["ETag"]} for n in wanted]
        async with self._connection.call() as s3:
            await s3.complete_multipart_upload(
                Bucket=self._bucket,
                Key=str(upload.key),
                UploadId=upload_id,
                MultipartUpload={"Parts": parts},
            )

    async def send(self, upload: Upload, parts: AsyncIterator[bytes]) -> None:
        """Upload the parts and make an object of them."""
        upload_id = await self.begin(upload)
        try:
            number = 0
            async for part in parts:
                number += 1
                async with self._connection.call() as s3:
                    await s3.upload_part(
                        Bucket=self._bucket,
                        Key=str(upload.key),
                        UploadId=upload_id,
                        PartNumber=number,
                        Body=part,
                    )
            await self.join(upload, upload_id)
        except BaseException:
            with suppress(StorageUnavailable):  # the sweep removes it otherwise
                await self._abort({"Key": str(upload.key), "UploadId": upload_id})
            raise

    async def abort(self, key: Key) -> None:
        async for found in self._unfinished(str(key)):
            if found["Key"] == str(key):
                await self._abort(found)

    async def sweep(self, before: datetime) -> int:
        old = [
            found
            async for found in self._unfinished(f"{Area.QUARANTINE}/")
            if found["Initiated"] < before
        ]
        for found in old:
            await self._abort(found)
        return len(old)

    async def _abort(self, found: Part) -> None:
        try:
            async with self._connection.call() as s3:
                await s3.abort_multipart_upload(
                    Bucket=self._bucket, Key=found["Key"], UploadId=found["UploadId"]
                )
        except UploadUnknown:
            return

    async def _unfinished(self, prefix: str) -> AsyncIterator[Part]:
        """MinIO gives those of a complete key only, and removes old ones itself."""
        markers: dict[str, str] = {}
        while True:
            async with self._connection.call() as s3:
                page = await s3.list_multipart_uploads(
                    Bucket=self._bucket, Prefix=prefix, **markers
                )
            for found in page.get("Uploads", ()):
                yield found
            if not page.get("IsTruncated") or not page.get("NextKeyMarker"):
                return
            markers = {
                "KeyMarker": page["NextKeyMarker"],
                "UploadIdMarker": page.get("NextUploadIdMarker", ""),
            }


def _keep_newest(found: dict[int, Part], part: Part) -> None:
    """SeaweedFS lists each version of a part that was sent again, in no order."""
    known = found.get(part["PartNumber"])
    if known is None or known["LastModified"] < part["LastModified"]:
        found[part["PartNumber"]] = part


async def in_parts(upload: Upload, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The bytes in parts of the sizes of the upload. Raises `WrongSize` for more or fewer."""
    sizes, part = iter(upload.part_sizes.values()), bytearray()
    wanted = next(sizes)
    async for chunk in chunks:
        part += chunk
        while wanted and len(part) >= wanted:
            following = next(sizes, 0)
            if not following and len(part) > wanted:
                raise WrongSize
            yield bytes(part[:wanted])
            del part[:wanted]
            wanted = following
        if part and not wanted:
            raise WrongSize
    if wanted:
        raise WrongSize
