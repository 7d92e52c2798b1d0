"""The client of a process, which is opened at the first call, and the translation of errors."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import aioboto3
import aiohttp
from aiobotocore.session import get_session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from adapters.s3.settings import S3Options
from ports.storage import ObjectUnknown, StorageRefused, StorageUnavailable, UploadUnknown

CONNECTIONS = 32
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 30
TIMEOUT_S = 60.0
"""For one call with its retries. A copy of 100 MiB is made by the server meanwhile."""

UNKNOWN = {"NoSuchKey": ObjectUnknown, "404": ObjectUnknown, "NoSuchUpload": UploadUnknown}
REFUSED = frozenset(
    ("EntityTooLarge", "EntityTooSmall", "InvalidPart", "InvalidPartOrder", "InvalidRequest")
)


class Connection:
    """One client for all calls, and one that signs links and never connects."""

    def __init__(self, options: S3Options) -> None:
        self._options = options
        self._core = get_session()
        self._session = aioboto3.Session(botocore_session=self._core)
        self._open = AsyncExitStack()
        self._lock = asyncio.Lock()
        self._clients: tuple[Any, Any] | None = None

    @asynccontextmanager
    async def call(self) -> AsyncIterator[Any]:
        """The client, for one call. Raises the errors of the port, except that `ClientError` with
        another meaning in one place is for the caller."""
        async with translated():
            async with asyncio.timeout(TIMEOUT_S):
                yield (await self._both())[0]

    async def sign(self, operation: str, life_s: int, **parameters: object) -> str:
        """The URL of a presigned request."""
        async with translated():
            url: str = await (await self._both())[1].generate_presigned_url(
                operation, Params=parameters, ExpiresIn=life_s
            )
            return url

    async def close(self) -> None:
        self._clients = None
        await self._open.aclose()

    async def _both(self) -> tuple[Any, Any]:
        async with self._lock:
            if self._clients is None:
                await asyncio.to_thread(self._load_descriptions)
                options = self._options
                self._clients = (
                    await self._client(options.endpoint),
                    await self._client(options.public_endpoint),
                )
            return self._clients

    def _load_descriptions(self) -> None:
        """Large files of botocore, which it would read in the event loop otherwise."""
        loader = self._core.get_component("data_loader")
        for name in ("service-2", "endpoint-rule-set-1"):
            loader.load_service_model("s3", name)
        for name in ("endpoints", "partitions", "sdk-default-configuration"):
            loader.load_data(name)

    async def _client(self, endpoint: str) -> Any:
        options = self._options
        client = self._session.client(
            "s3",
            endpoint_url=endpoint,
            region_name=options.region,
            aws_access_key_id=options.access_key,
            aws_secret_access_key=options.secret_key,
            config=client_config(path_style=options.has_bucket_in_path),
        )
        return await self._open.enter_async_context(client)


def client_config(*, path_style: bool) -> Config:
    """Checksums only where they are required: servers other than Amazon's may not know them."""
    return Config(
        signature_version="s3v4",
        s3={"addressing_style": "path" if path_style else "virtual"},
        connect_timeout=CONNECT_TIMEOUT_S,
        read_timeout=READ_TIMEOUT_S,
        retries={"mode": "standard", "max_attempts": 2},
        max_pool_connections=CONNECTIONS,
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )


@asynccontextmanager
async def translated() -> AsyncIterator[None]:
    """Foreign errors become those of the port."""
    try:
        yield
    except ClientError as error:
        raise _error(error) from error
    except (BotoCoreError, aiohttp.ClientError, OSError, TimeoutError) as error:
        raise StorageUnavailable from error


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _error(error: ClientError) -> StorageRefused | StorageUnavailable:
    """Whatever could be repaired, such as missing rights, is `StorageUnavailable`."""
    code = code_of(error)
    if code in UNKNOWN:
        return UNKNOWN[code]()
    return StorageRefused() if code in REFUSED else StorageUnavailable()
