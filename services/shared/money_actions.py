"""Money actions of administrators in two steps: the first shows what the second will book.

Both steps run the same function. The first runs it in a transaction that is never committed, so
that what it shows is what the second does. Its `digest` names all that; the second books nothing
if the digest is another one by then.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeVar, cast

from core.accounts import Account
from core.audit import RecordEntry, audit_message
from core.errors import Conflict
from core.notifications import BookingNews, NotifyAccount, NotifyParty, parties_told
from core.outbox import OutboxMessage
from core.sessions import Caller
from core.transactions import Transaction
from ports.store import Repositories, Store

T = TypeVar("T")
Step = Callable[[Repositories], Awaitable[T]]

UNTOLD = frozenset({RecordEntry.kind})
"""Messages that say nothing about what happens to money."""


class PreviewOutdated(Conflict):
    """Something has changed since this was shown. Nothing was done. Check the new preview."""

    code = "preview_outdated"


class OwnMoney(Conflict):
    """This is your own money. Another administrator must do it."""

    code = "own_money"


@dataclass(frozen=True, slots=True)
class Told:
    """A notice that goes out: its name, and the account it is for."""

    notice: str
    account_id: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What a money action books at once, whom it tells, and the `digest` of it."""

    entries: tuple[Transaction, ...]
    told: tuple[Told, ...]
    digest: str


@dataclass(slots=True)
class _Booked:
    """What a step has added to ledger and outbox."""

    entries: list[Transaction] = field(default_factory=list)
    messages: list[OutboxMessage] = field(default_factory=list)

    def preview(self) -> Preview:
        told = tuple(dict.fromkeys(_told(self.messages)))
        return Preview(tuple(self.entries), told, self._digest())

    def _digest(self) -> str:
        """A hash of the ledger lines and of the names of the messages, which contain the versions
        of what they are about. Times and numbers of documents are not part of it: they differ
        between two runs."""
        facts = (
            [
                (entry.id, entry.kind, [(x.account, x.amount.amount) for x in entry.lines])
                for entry in self.entries
            ],
            sorted(message.id for message in self.messages if message.kind not in UNTOLD),
        )
        return hashlib.sha256(json.dumps(facts).encode()).hexdigest()[:32]


class _Rehearsed(Exception):
    """Ends the transaction of a preview without a commit."""


async def preview(store: Store, step: Step[Any]) -> Preview:
    """What `step` would book now. Nothing is changed. Raises what the step raises."""
    booked = _Booked()

    async def rehearsal(repositories: Repositories) -> None:
        nonlocal booked
        booked = _Booked()
        await step(_recording(repositories, booked))
        raise _Rehearsed

    try:
        await store.transact(rehearsal)
    except _Rehearsed:
        return booked.preview()
    raise AssertionError("unreachable")


async def act(store: Store, step: Step[T], *, expected: str | None) -> T:
    """Do it in one transaction. `expected` is the digest of the preview; None for a program that
    has asked for none. Raises `PreviewOutdated`."""

    async def checked(repositories: Repositories) -> T:
        booked = _Booked()
        result = await step(_recording(repositories, booked))
        if expected is not None and booked.preview().digest != expected:
            raise PreviewOutdated
        return result

    return await store.transact(checked)


def check_not_own(by: Account, *account_ids: str) -> None:
    """Raises `OwnMoney` if the administrator is one of the accounts."""
    if by.id in account_ids:
        raise OwnMoney


def audited(
    what: StrEnum,
    key: str,
    *account_ids: str,
    by: Account,
    caller: Caller,
    at: datetime,
    **detail: str,
) -> Iterator[OutboxMessage]:
    """The action in the audit trails of these accounts and of the administrator."""
    for account_id in dict.fromkeys((*account_ids, by.id)):
        yield audit_message(
            what, key, account=account_id, at=at, actor=by.id,
            address=caller.place, device=caller.device, **detail,
        )  # fmt: skip


def _told(messages: Iterable[OutboxMessage]) -> Iterator[Told]:
    for message in messages:
        if message.kind == NotifyParty.kind:
            yield Told(message.payload["letter"], message.payload["account"])
        elif message.kind == BookingNews.kind:
            for notice, account_id in parties_told(message.payload.get("notices", "")):
                yield Told(notice, account_id)
        elif message.kind == NotifyAccount.kind:
            yield Told(message.payload["notice"], message.payload["account"])


def _recording(repositories: Repositories, booked: _Booked) -> Repositories:
    return cast(Repositories, _Recording(repositories, booked))


class _Recording:
    """The repositories of a step, of which additions to ledger and outbox are noted."""

    def __init__(self, repositories: Repositories, booked: _Booked) -> None:
        self._repositories, self._booked = repositories, booked

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._repositories, name)
        match name:
            case "transactions":
                return _Noting(found, self._booked.entries)
            case "outbox":
                return _Noting(found, self._booked.messages)
        return found


class _Noting:
    def __init__(self, repository: Any, noted: list[Any]) -> None:
        self._repository, self._noted = repository, noted

    def __getattr__(self, name: str) -> Any:
        return getattr(self._repository, name)

    async def add(self, *added: Any) -> Any:
        self._noted.extend(added)
        return await self._repository.add(*added)
