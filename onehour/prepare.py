"""`onehour prepare`: collections and indexes, before the first data. Harmless to repeat."""

from __future__ import annotations

import asyncio

from onehour.container import build, close
from onehour.settings import Settings


def main(settings: Settings) -> None:
    asyncio.run(_prepare(settings))


async def _prepare(settings: Settings) -> None:
    container = build(settings)
    try:
        await container.store().prepare()
    finally:
        await close(container)
