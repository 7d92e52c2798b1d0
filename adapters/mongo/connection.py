"""The two drivers that the adapter runs on, and the four places in which they differ.

Motor runs each call in a thread. PyMongo's own asynchronous client needs none, and a call costs
about a third less CPU time. The types are those of Motor; the other client has the same methods.
"""

from __future__ import annotations

import inspect
from enum import StrEnum
from typing import Any, cast

from motor.motor_asyncio import (
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCommandCursor,
)
from pymongo import AsyncMongoClient

Client = AsyncIOMotorClient[dict[str, Any]]


class Driver(StrEnum):
    MOTOR = "motor"
    PYMONGO = "pymongo"


def open_client(url: str, driver: Driver, **options: Any) -> Client:
    """A client of this driver. It connects at its first use, on the event loop of that call."""
    if driver is Driver.PYMONGO:
        return cast(Client, AsyncMongoClient[dict[str, Any]](url, **options))
    return AsyncIOMotorClient(url, **options)


async def close_client(client: Client) -> None:
    closed: Any = client.close
    await _awaited(closed())


async def start_session(client: Client) -> AsyncIOMotorClientSession:
    return cast(AsyncIOMotorClientSession, await _awaited(client.start_session()))


async def start_transaction(session: AsyncIOMotorClientSession, **options: Any) -> None:
    await _awaited(session.start_transaction(**options))


async def all_of(
    cursor: AsyncIOMotorCommandCursor[dict[str, Any]],
) -> list[dict[str, Any]]:
    """The documents of an aggregation."""
    found: AsyncIOMotorCommandCursor[dict[str, Any]] = await _awaited(cursor)
    return await found.to_list(None)


async def _awaited(value: Any) -> Any:
    """One driver returns it, the other one a coroutine for it."""
    return await value if inspect.isawaitable(value) else value
