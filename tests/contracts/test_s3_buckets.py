"""The bucket of the S3 storage: rights of browsers, memory, servers that answer badly."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aioboto3
import httpx
import pytest

from adapters.s3.connection import client_config
from adapters.s3.preparation import cors_rule
from adapters.s3.settings import S3Options
from adapters.s3.storage import S3Storage
from adapters.system.clock import SystemClock
from onehour.testing.storage_setup import a_key, an_upload, content_of
from ports.storage import MIB, Area, StorageUnavailable
from tests.patience import PATIENCE_S
from tests.s3_servers import (
    ACCESS_KEY,
    SECRET_KEY,
    S3Server,
    start_minio,
    start_seaweedfs,
    until_it_stores,
)

SITE = "https://hours.example"


@pytest.fixture(scope="module")
def seaweedfs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = start_seaweedfs(tmp_path_factory.mktemp("seaweedfs"))
    yield server
    server.stop()


@pytest.fixture(scope="module")
def minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    server = start_minio(tmp_path_factory.mktemp("minio"))
    yield server
    server.stop()


@asynccontextmanager
async def _storage(options: S3Options) -> AsyncIterator[S3Storage]:
    storage = S3Storage(options, str(options.bucket), SystemClock())
    try:
        yield storage
    finally:
        await storage.close()


@asynccontextmanager
async def _client(options: S3Options) -> AsyncIterator[Any]:
    async with aioboto3.Session().client(
        "s3",
        endpoint_url=options.url,
        region_name=options.region,
        aws_access_key_id=options.access_key,
        aws_secret_access_key=options.secret_key,
        config=client_config(path_style=True),
    ) as client:
        yield client


async def test_preparing_creates_the_bucket_and_lets_pages_of_the_site_upload(
    seaweedfs: S3Server,
) -> None:
    options = seaweedfs.options(bucket="cors-of-pages")
    async with _storage(options) as storage, httpx.AsyncClient(timeout=PATIENCE_S) as browser:
        assert list(await storage.prepare(SITE)) == []
        link = await storage.put_link(an_upload(3))

        answers = [
            await browser.options(
                link.url,
                headers={
                    "Origin": origin,
                    "Access-Control-Request-Method": "PUT",
                    "Access-Control-Request-Headers": "content-type",
                },
            )
            for origin in (SITE, "https://other.example")
        ]

    allowed = [answer.headers.get("access-control-allow-origin") for answer in answers]
    assert allowed == [SITE, None]


async def test_preparing_keeps_rules_of_others_and_can_be_repeated(seaweedfs: S3Server) -> None:
    options = seaweedfs.options(bucket="cors-of-others")
    other = {
        "ID": "other",
        "AllowedOrigins": ["https://other.example"],
        "AllowedMethods": ["GET"],
        "AllowedHeaders": ["*"],
        "MaxAgeSeconds": 60,
    }
    async with _storage(options) as storage, _client(options) as client:
        await storage.prepare("https://former.example")
        former = cors_rule("https://former.example")
        await client.put_bucket_cors(
            Bucket=options.bucket, CORSConfiguration={"CORSRules": [other, former]}
        )

        await storage.prepare(SITE)
        await storage.prepare(SITE)

        rules = (await client.get_bucket_cors(Bucket=options.bucket))["CORSRules"]
    assert [rule["AllowedOrigins"] for rule in rules] == [["https://other.example"], [SITE]]


async def test_a_rule_that_the_server_refuses_is_printed_for_the_operator(minio: S3Server) -> None:
    """MinIO has one setting for all buckets."""
    async with _storage(minio.options(bucket="cors-refused")) as storage:
        (sentence,) = await storage.prepare(SITE)
        await storage.put(a_key(Area.FINAL), b"x", "text/plain")

    assert sentence.startswith("Set this CORS rule for the bucket cors-refused, or uploads fail: {")
    assert json.loads(sentence[sentence.index("{") : sentence.index("}") + 1]) == cors_rule(SITE)


async def test_without_rights_the_operator_is_told_so(seaweedfs: S3Server) -> None:
    options = seaweedfs.options(access_key="somebody", bucket="no-rights")
    async with _storage(options) as storage:
        sentences = await storage.prepare(SITE)

        with pytest.raises(StorageUnavailable):
            await storage.put(a_key(Area.FINAL), b"x", "text/plain")

    assert sentences[0].startswith("The S3 server refuses access to the bucket no-rights")
    assert SECRET_KEY not in "".join(sentences)


async def test_links_have_the_address_for_browsers(seaweedfs: S3Server) -> None:
    options = seaweedfs.options(public_url="https://files.hours.example")
    async with _storage(options) as storage:
        link = await storage.put_link(an_upload(3))

    assert link.url.startswith("https://files.hours.example/onehour-files/quarantine/fil_")
    assert storage.origins == ("https://files.hours.example",)
    assert SECRET_KEY not in link.url


@pytest.mark.parametrize(
    "changes",
    [
        {"url": None, "region": "ap-south-1"},
        {"url": "https://files.example", "path_style": False},
        {"url": "https://files.example", "path_style": True},
    ],
)
async def test_links_are_within_the_origins_that_pages_are_told(changes: dict[str, Any]) -> None:
    options = S3Options.model_validate(
        {"bucket": "onehour-files", "access_key": ACCESS_KEY, "secret_key": SECRET_KEY} | changes
    )
    async with _storage(options) as storage:
        link = await storage.put_link(an_upload(3))

    (origin,) = storage.origins
    assert link.url.startswith(f"{origin}/")


@asynccontextmanager
async def _fake_server(answer: bytes) -> AsyncIterator[S3Options]:
    """Gives the same answer to every request and ends the connection."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield S3Options(
            url=f"http://127.0.0.1:{port}", bucket="files", access_key="a", secret_key="b"
        )


async def test_a_download_that_is_cut_is_no_whole_file() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + bytes(50)
    async with _fake_server(answer) as options, _storage(options) as storage:
        with pytest.raises(StorageUnavailable):
            await content_of(storage, a_key())


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 503 Slow Down\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<a><b></a",
        b"HTTP/1.1 200 OK\r\n",
        b"Hello\r\n\r\n",
        b"",
    ],
)
async def test_a_server_that_answers_badly_is_unavailable(answer: bytes) -> None:
    async with _fake_server(answer) as options, _storage(options) as storage:
        with pytest.raises(StorageUnavailable):
            await storage.list(Area.FINAL)


async def test_a_server_that_never_answers_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("adapters.s3.connection.TIMEOUT_S", 0.3)
    silent = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = silent.sockets[0].getsockname()[1]
    options = S3Options(
        url=f"http://127.0.0.1:{port}", bucket="files", access_key="a", secret_key="b"
    )
    async with _storage(options) as storage:
        with pytest.raises(StorageUnavailable):
            await storage.head(a_key())

    silent.close()


READ = """
import asyncio, resource, sys
from adapters.s3.settings import S3Options
from adapters.s3.storage import S3Storage
from adapters.system.clock import SystemClock
from ports.storage import Key

async def main(options, small, large):
    storage = S3Storage(options, options.bucket, SystemClock())
    read = {}
    for key in (small, large):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        read[key] = 0
        async with storage.open(Key.parse(key)) as chunks:
            async for chunk in chunks:
                read[key] += len(chunk)
    await storage.close()
    print(read[large], resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)

options = S3Options.model_validate_json(sys.argv[1])
asyncio.run(main(options, *sys.argv[2:]))
"""


async def test_thirty_megabytes_need_little_memory(seaweedfs: S3Server) -> None:
    """Measured in a process of its own. Uploads do not pass through the application."""
    options = seaweedfs.options(bucket="memory")
    small, large = an_upload(5), an_upload(30 * MIB)
    async with _storage(options) as storage, httpx.AsyncClient(timeout=PATIENCE_S) as browser:
        await storage.prepare(SITE)
        await until_it_stores(storage)
        for upload in (small, large):
            link = await storage.put_link(upload)
            sent = await browser.put(link.url, content=bytes(upload.size), headers=link.headers)
            assert sent.status_code == 200

    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", READ, options.model_dump_json(), str(small.key), str(large.key)],
        capture_output=True,
        text=True,
        check=True,
    )

    read, peak = map(int, done.stdout.split())
    assert read == 30 * MIB
    assert peak * (1 if sys.platform == "darwin" else 1024) < 16 * MIB
