"""Which sessions and accounts were changed a short while ago, so that a process need not read again
what it has read: most have no row here, and to find none costs little.

A row is written before its change or in the same transaction. A change that then fails leaves a row
too many: sessions are then read again, and nothing else.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

from pymongo import ASCENDING, IndexModel

from adapters.mongo.driver import any_of
from adapters.mongo.repository import TTL_INDEX, MongoRepository
from core.accounts import Account
from core.sessions import Session
from ports.accounts import CHANGES_KEPT

MARGIN = timedelta(minutes=45)
"""Of the clocks of servers, and of changes that take long."""


class MongoSessionChanges(MongoRepository):
    name = "session_changes"
    indexes = (
        IndexModel(
            [("at", ASCENDING)],
            name=TTL_INDEX,
            expireAfterSeconds=int((CHANGES_KEPT + MARGIN).total_seconds()),
        ),
    )

    async def session_removed(self, session_id: str) -> None:
        await self._add(session_id)

    async def account_saved(self, account: Account) -> None:
        """`account` is as it was read: its next version is being saved."""
        await self._add(_next_version(account))

    async def outdated(self, known: Collection[tuple[Account, Session]]) -> set[str]:
        """The ids of the sessions of which a part has changed since it was read."""
        names = {session.id for _, session in known}
        names |= {_next_version(account) for account, _ in known}
        if not names:
            return set()
        found = await self.collection.find({"_id": any_of(sorted(names))}, fields={"_id": 1})
        changed = {each["_id"] for each in found}
        return {
            session.id
            for account, session in known
            if not changed.isdisjoint((session.id, _next_version(account)))
        }

    async def _add(self, name: str) -> None:
        await self.collection.insert_missing([{"_id": name, "at": self.clock.now()}])


def _next_version(account: Account) -> str:
    return f"{account.id}:{account.version + 1}"
