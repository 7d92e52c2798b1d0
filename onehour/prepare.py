"""`onehour prepare`: creates collections and indexes. It can be repeated at any time."""

from __future__ import annotations

import asyncio

from onehour.container import build, close
from onehour.settings import Settings


def main(settings: Settings) -> None:
    """Creates what is missing. Raises `Unavailable` when the database does not answer."""
    asyncio.run(_prepare(settings))


async def _prepare(settings: Settings) -> None:
    container = build(settings)
    try:
        await container.store().prepare()
        print("Collections and indexes are ready.")
    finally:
        await close(container)
