"""A small MongoDB for development: SecantusDB, a pip package that speaks MongoDB's protocol.

The options of the URL are needed: writes are durable only with `journal=true`, and retryable
writes are slow. For production, ONEHOUR_MONGO_URL names a replica set.
"""

from __future__ import annotations

import sys
from pathlib import Path

from pymongo import AsyncMongoClient
from pymongo.errors import PyMongoError

from onehour.local.children import Child
from onehour.local.embedded import not_installed
from onehour.local.ports import LOOPBACK
from onehour.local.readiness import ANSWER_TIMEOUT_S, Check, accepts_connections

CHECK_TIMEOUT_MS = round(ANSWER_TIMEOUT_S * 1000)
OPTIONS = "directConnection=true&retryWrites=false&journal=true&maxPoolSize=20"


def mongo_child(data_dir: Path, port: int) -> Child:
    """The server process; it stores its data in `mongo` in the data directory.

    Raises `WrongSetting` if its package is not installed.
    """
    command = (
        str(_program()),
        *("--host", LOOPBACK),
        *("--port", str(port)),
        *("--storage-path", str(data_dir / "mongo")),
        *("--log-level", "WARNING"),
    )
    return Child(
        name="mongo",
        command=command,
        ready=accepts_connections(LOOPBACK, port),
        works=_can_write(mongo_url(port)),
    )


def _program() -> Path:
    program = Path(sys.executable).with_name("secantusd-py")
    if not program.exists():
        raise not_installed("secantusdb", setting="ONEHOUR_MONGO_URL")
    return program


def _can_write(url: str) -> Check:
    """A server whose disk was full accepts connections and answers a ping, but reads and writes
    nothing until it is restarted."""

    async def check() -> bool:
        client: AsyncMongoClient[dict[str, object]] = AsyncMongoClient(
            url,
            serverSelectionTimeoutMS=CHECK_TIMEOUT_MS,
            connectTimeoutMS=CHECK_TIMEOUT_MS,
            socketTimeoutMS=CHECK_TIMEOUT_MS,
        )
        try:
            async with client:
                checks = client["onehour_supervisor"]["checks"]
                await checks.replace_one({"_id": "works"}, {"_id": "works"}, upsert=True)
        except PyMongoError:
            return False
        return True

    return check


def mongo_url(port: int) -> str:
    """The value of ONEHOUR_MONGO_URL for this server."""
    return f"mongodb://{LOOPBACK}:{port}/?{OPTIONS}"
