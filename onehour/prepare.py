"""`onehour prepare`: creates collections and indexes, and completes the data of
earlier versions. It can be repeated at any time."""

from __future__ import annotations

import asyncio

from onehour.container import Container, build, close
from onehour.settings import Settings
from ports.storage import StorageUnavailable


def main(settings: Settings) -> None:
    """Creates what is missing. Raises `Unavailable` when the database does not answer."""
    asyncio.run(_prepare(settings))


async def _prepare(settings: Settings) -> None:
    container = build(settings)
    try:
        await container.store().prepare()
        await container.services().avatars.fill_accounts()
        print("Collections and indexes are ready.")
        await _prepare_storage(container, settings)
    finally:
        await close(container)


async def _prepare_storage(container: Container, settings: Settings) -> None:
    """What the operator has to do is printed: the rest of the application works without it."""
    try:
        sentences = await container.storage().prepare(settings.base_url)
    except StorageUnavailable as unavailable:
        sentences = [f"The file storage is not ready: {unavailable.__cause__}"]
    for sentence in sentences or ("The file storage is ready.",):
        print(sentence)
