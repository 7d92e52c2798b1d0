"""What a capability stores about people: how it is exported, and how it is erased."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, TypeVar

from core.accounts import Account
from core.clients import Client
from core.developers import Developer
from core.errors import Conflict
from ports.store import Repositories, Store

PAGE = 100
Item = TypeVar("Item")
Page = tuple[Sequence[Item], str | None]


class StillOpen(Conflict):
    """There are bookings or money under way. Bring them to an end first, then erase the account."""

    code = "still_open"


@dataclass(frozen=True, slots=True)
class Subject:
    """The person concerned: the account and its profiles, as they are stored now."""

    account: Account
    client: Client | None
    developer: Developer | None

    @property
    def profile_ids(self) -> tuple[str, ...]:
        """The client and developer ids that payments and ledger entries name."""
        return tuple(profile.id for profile in (self.client, self.developer) if profile)


class PersonalData:
    """The base of each capability's declaration; a method that is not needed stays as it is.

    Every text a repository stores is exported and erased; a test checks this for each field.
    The exceptions are declared with their reason, as `repository.field` (with all below it):
    `kept` stays after erasure, since the law or the other party needs it, or since it is no
    information about a person; `withheld` is not in the export, since it is a secret or is only
    a copy.
    """

    kept: ClassVar[Mapping[str, str]] = {}
    withheld: ClassVar[Mapping[str, str]] = {}

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        """Sections of the export, by name: plain values and dataclasses, without secrets."""
        return {}

    async def refuse_open(self, repositories: Repositories, subject: Subject) -> None:
        """Raises `StillOpen` while something of the person is under way."""

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        """Remove or blank what is stored, in the transaction that erases the account."""

    async def erase_history(self, store: Store, account_id: str) -> bool:
        """Afterwards, in transactions of its own: take the name out of however many records the
        past holds. Whether it must run once more, because something was still open."""
        return False


async def every(page: Callable[[str | None], Awaitable[Page[Item]]]) -> AsyncIterator[Item]:
    """All items, one by one, of a list that is read in pages."""
    cursor: str | None = None
    while True:
        found, cursor = await page(cursor)
        for one in found:
            yield one
        if cursor is None:
            return
