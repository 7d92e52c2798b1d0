"""S3 servers for tests: SeaweedFS from PyPI, and MinIO where `make real-servers` has built it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from adapters.s3.settings import S3Options
from onehour.testing.storage_setup import a_key
from ports.storage import Area, Storage, StorageUnavailable
from tests.patience import PATIENCE_S
from tests.real_servers import built
from tests.servers import free_ports, wait_for

ACCESS_KEY, SECRET_KEY = "test-access-key", "test-secret-key"
BUCKET = "onehour-files"


class S3Server:
    """A running server."""

    def __init__(
        self, command: list[str], port: int, folder: Path, environ: Mapping[str, str] | None = None
    ) -> None:
        self.url = f"http://127.0.0.1:{port}"
        with (folder / "log").open("wb") as log:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                env={**os.environ, **(environ or {})},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        wait_for(self.process, port)

    def options(self, **changes: object) -> S3Options:
        given = {
            "url": self.url,
            "bucket": BUCKET,
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
        }
        return S3Options.model_validate(given | changes)

    def stop(self) -> None:
        """At once: nothing it stores is needed, and SeaweedFS can take a minute otherwise."""
        self.process.kill()
        self.process.wait(timeout=PATIENCE_S)


def start_seaweedfs(folder: Path) -> S3Server:
    """All its listeners are on the loopback address, and nothing is sent to its makers."""
    data = folder / "data"
    data.mkdir()
    access = {"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}
    identity = {"name": "app", "credentials": [access], "actions": ["Admin"]}
    rights = folder / "s3.json"
    rights.write_text(json.dumps({"identities": [identity]}))
    names = ("master", "volume", "filer", "admin", "s3")
    ports = free_ports(2 * len(names))
    listeners = [
        option
        for name, port, grpc in zip(names, ports[::2], ports[1::2], strict=True)
        for option in (f"-{name}.port={port}", f"-{name}.port.grpc={grpc}")
    ]
    command = [
        str(Path(sys.executable).with_name("weed")),
        "mini",
        f"-dir={data}",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.telemetry=false",
        f"-s3.config={rights}",
        "-s3.iam=false",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-webdav=false",
        "-admin.ui=false",
        *listeners,
    ]
    return S3Server(command, ports[8], folder)


def start_minio(folder: Path) -> S3Server:
    """A second opinion: all tests run with SeaweedFS, too."""
    program = built("minio")
    data = folder / "data"
    data.mkdir()
    (port,) = free_ports(1)
    environ = {
        "MINIO_ROOT_USER": ACCESS_KEY,
        "MINIO_ROOT_PASSWORD": SECRET_KEY,
        "MINIO_BROWSER": "off",
        "MINIO_UPDATE": "off",
    }
    command = [str(program), "server", str(data), "--address", f"127.0.0.1:{port}", "--quiet"]
    return S3Server(command, port, folder, environ)


async def until_it_stores(storage: Storage) -> None:
    """SeaweedFS listens a moment before it can store anything."""
    key = a_key(Area.FINAL)
    async with asyncio.timeout(60):
        while await storage.head(key) is None:
            with suppress(StorageUnavailable):
                await storage.put(key, b"x", "text/plain")
