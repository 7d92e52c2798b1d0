"""A small MongoDB for development: SecantusDB, a pip package that speaks MongoDB's protocol.

The options of the URL are needed: writes are durable only with `journal=true`, and retryable
writes are slow. For production, ONEHOUR_MONGO_URL names a replica set.
"""

from __future__ import annotations

import sys
from pathlib import Path

from onehour.local.children import Child
from onehour.local.ports import LOOPBACK
from onehour.local.readiness import accepts_connections

OPTIONS = "directConnection=true&retryWrites=false&journal=true&maxPoolSize=20"


def mongo_child(data_dir: Path, port: int) -> Child:
    """The server process; it stores its data in `mongo` in the data directory."""
    command = (
        str(Path(sys.executable).with_name("secantusd-py")),
        *("--host", LOOPBACK),
        *("--port", str(port)),
        *("--storage-path", str(data_dir / "mongo")),
        *("--log-level", "WARNING"),
    )
    return Child(name="mongo", command=command, ready=accepts_connections(LOOPBACK, port))


def mongo_url(port: int) -> str:
    """The value of ONEHOUR_MONGO_URL for this server."""
    return f"mongodb://{LOOPBACK}:{port}/?{OPTIONS}"
