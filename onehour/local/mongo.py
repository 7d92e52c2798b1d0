"""A small MongoDB for trying out: SecantusDB, which speaks MongoDB's protocol from a pip package.

It keeps what it acknowledged only with `journal=true`, and its book of retryable writes
makes it slow: hence the URL. For real traffic ONEHOUR_MONGO_URL names a replica set.
"""

from __future__ import annotations

import sys
from pathlib import Path

from onehour.local.children import Child
from onehour.local.ports import LOOPBACK
from onehour.local.readiness import accepts_connections

OPTIONS = "directConnection=true&retryWrites=false&journal=true&maxPoolSize=20"


def mongo_child(data_dir: Path, port: int) -> Child:
    """The server; its documents live in the folder `mongo` of the data folder."""
    command = (
        str(Path(sys.executable).with_name("secantusd-py")),
        *("--host", LOOPBACK),
        *("--port", str(port)),
        *("--storage-path", str(data_dir / "mongo")),
        *("--log-level", "WARNING"),
    )
    return Child(name="mongo", command=command, ready=accepts_connections(LOOPBACK, port))


def mongo_url(port: int) -> str:
    return f"mongodb://{LOOPBACK}:{port}/?{OPTIONS}"
