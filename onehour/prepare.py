"""`onehour prepare`: creates collections and indexes, and completes the data of
earlier versions. It can be repeated at any time."""

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
        await container.services().avatars.fill_accounts()
        print("Collections and indexes are ready.")
    finally:
        await close(container)
