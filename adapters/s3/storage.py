"""A file storage in a bucket of S3, or of a server that speaks its protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from adapters.s3.connection import Connection, code_of, translated
from adapters.s3.preparation import prepare_bucket
from adapters.s3.settings import S3Options
from adapters.s3.uploads import Uploads, in_parts
from ports.clock import Clock
from ports.storage import (
    CHUNK_SIZE,
    DOWNLOAD_LIFE,
    PUT_MAXIMUM,
    UPLOAD_LIFE,
    Area,
    Head,
    Key,
    Link,
    Listed,
    Listing,
    ObjectUnknown,
    PartsMissing,
    Storage,
    StorageRefused,
    Upload,
    UploadId,
    UploadUnknown,
    WrongKey,
    WrongSize,
)
from ports.storage_names import attachment


class S3Storage(Storage):
    """Keeps objects in `bucket`. Sizes and types are part of the signature of a link, so that the
    server refuses others."""

    def __init__(self, options: S3Options, bucket: str, clock: Clock) -> None:
        self._options = options
        self._bucket = bucket
        self._clock = clock
        self._connection = Connection(options)
        self._uploads = Uploads(self._connection, bucket)

    @property
    def origins(self) -> Sequence[str]:
        return (self._options.origin,)

    async def put_link(self, upload: Upload, *, life: timedelta = UPLOAD_LIFE) -> Link:
        return await self._link(
            ("PUT", "put_object"),
            upload.key,
            life,
            {"Content-Type": upload.content_type},
            ContentType=upload.content_type,
            ContentLength=upload.size,
        )

    async def begin(self, upload: Upload) -> UploadId:
        return await self._uploads.begin(upload)

    async def part_link(
        self, upload: Upload, upload_id: UploadId, number: int, *, life: timedelta = UPLOAD_LIFE
    ) -> Link:
        return await self._link(
            ("PUT", "upload_part"),
            upload.key,
            life,
            {},
            UploadId=upload_id,
            PartNumber=number,
            ContentLength=upload.part_size(number),
        )

    async def parts(self, upload: Upload, upload_id: UploadId) -> Mapping[int, int]:
        found = await self._uploads.parts(upload.key, upload_id)
        return {number: part["Size"] for number, part in sorted(found.items())}

    async def complete(self, upload: Upload, upload_id: UploadId | None = None) -> None:
        unknown = False
        if upload_id is not None:
            try:
                await self._uploads.join(upload, upload_id)
            except UploadUnknown:  # perhaps because it is complete
                unknown = True
        head = await self.head(upload.key)
        if head is None:
            raise UploadUnknown if unknown else PartsMissing([1])
        if head.size != upload.size:
            raise WrongSize

    async def abort(self, key: Key) -> None:
        await self._uploads.abort(key)

    async def send(self, upload: Upload, chunks: AsyncIterator[bytes]) -> None:
        parts = in_parts(upload, chunks)
        if len(upload.part_sizes) > 1:
            await self._uploads.send(upload, parts)
            return
        content = await anext(parts)
        async for _more in parts:  # raises `WrongSize`, as after the last part of several
            raise WrongSize
        async with self._connection.call() as s3:
            await s3.put_object(
                Bucket=self._bucket,
                Key=str(upload.key),
                Body=content,
                ContentType=upload.content_type,
            )

    async def put(self, key: Key, content: bytes, content_type: str) -> None:
        key.check_final()
        if len(content) > PUT_MAXIMUM:
            raise StorageRefused
        if await self.head(key) is None:
            async with self._connection.call() as s3:
                await s3.put_object(
                    Bucket=self._bucket, Key=str(key), Body=content, ContentType=content_type
                )

    async def copy(self, source: Key, target: Key) -> None:
        target.check_final()
        if await self.head(target) is None:
            async with self._connection.call() as s3:
                await s3.copy_object(
                    Bucket=self._bucket,
                    Key=str(target),
                    CopySource={"Bucket": self._bucket, "Key": str(source)},
                )

    async def head(self, key: Key) -> Head | None:
        try:
            async with self._connection.call() as s3:
                found = await s3.head_object(Bucket=self._bucket, Key=str(key))
        except ObjectUnknown:
            return None
        return Head(found["ContentLength"], found["ContentType"])

    @asynccontextmanager
    async def open(
        self, key: Key, *, start: int = 0, length: int | None = None
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        body = None if length == 0 else await self._body(key, start, length)
        if body is None:
            yield _nothing()
            return
        try:
            yield _chunks(body)
        finally:
            body.close()

    async def _body(self, key: Key, start: int, length: int | None) -> Any:
        """None where the object ends before `start`."""
        end = "" if length is None else start + length - 1
        wanted = {"Range": f"bytes={start}-{end}"} if start or length is not None else {}
        async with self._connection.call() as s3:
            try:
                found = await s3.get_object(Bucket=self._bucket, Key=str(key), **wanted)
            except ClientError as error:
                if code_of(error) == "InvalidRange":
                    return None
                raise
        return found["Body"]

    async def download_link(
        self, key: Key, *, filename: str, content_type: str, life: timedelta = DOWNLOAD_LIFE
    ) -> Link:
        key.check_final()
        return await self._link(
            ("GET", "get_object"),
            key,
            life,
            {},
            ResponseContentDisposition=attachment(filename),
            ResponseContentType=content_type,
        )

    async def delete(self, key: Key) -> None:
        async with self._connection.call() as s3:
            await s3.delete_object(Bucket=self._bucket, Key=str(key))

    async def list(self, area: Area, *, cursor: str | None = None, limit: int = 500) -> Listing:
        after = {"StartAfter": cursor} if cursor else {}
        async with self._connection.call() as s3:
            page = await s3.list_objects_v2(
                Bucket=self._bucket, Prefix=f"{area}/", MaxKeys=limit, **after
            )
        found = page.get("Contents", ())
        more = bool(page.get("IsTruncated") and found)
        return Listing(
            [listed for listed in map(_listed, found) if listed],
            found[-1]["Key"] if more else None,
        )

    async def sweep(self, before: datetime) -> int:
        return await self._uploads.sweep(before)

    async def prepare(self, origin: str) -> Sequence[str]:
        return await prepare_bucket(self._connection, self._bucket, self._options.region, origin)

    async def close(self) -> None:
        await self._connection.close()

    async def _link(
        self,
        request: tuple[str, str],
        key: Key,
        life: timedelta,
        headers: Mapping[str, str],
        **parameters: object,
    ) -> Link:
        method, operation = request
        expires = self._clock.now() + life
        url = await self._connection.sign(
            operation,
            int(life.total_seconds()),
            Bucket=self._bucket,
            Key=str(key),
            **parameters,
        )
        return Link(method=method, url=url, headers=headers, expires=expires)


def _listed(found: Mapping[str, Any]) -> Listed | None:
    try:
        return Listed(Key.parse(found["Key"]), found["Size"], found["LastModified"])
    except WrongKey:  # not stored by this application
        return None


async def _chunks(body: Any) -> AsyncIterator[bytes]:
    async with translated():
        async for chunk in body.iter_chunks(CHUNK_SIZE):
            yield chunk


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield b""  # makes it a generator
