"""What belongs to a person: taking it along, and having it erased."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from core.accounts import ERASED_NAME, Account, AccountId
from core.audit import ADMIN, PROVIDER, SYSTEM, Entry
from core.bookings import Booking, Party, Status
from core.codes import Purpose, code_id
from core.errors import Conflict
from core.jobs import Job
from core.outbox import message
from core.payments import PaymentId
from core.policy import HOUR
from core.sessions import Caller
from core.transactions import Transaction, earnings
from ports.clock import Clock
from ports.store import Repositories, Store
from services.accounts.rate_limits import counters_of
from services.accounts.session_writer import SessionWriter
from services.outbox.service import NotDueYet

PAGE = 100
Item = TypeVar("Item")
Page = tuple[Sequence[Item], str | None]
OPEN = (Status.HELD, Status.REQUESTED, Status.CONFIRMED)
ALL = tuple(Status)
AGAIN = HOUR
"""After so long the bookings are looked at once more: one may have been made in the very moment
of the erasing, by a step that did not see it yet."""


class StillOpen(Conflict):
    """There are bookings or money under way. Bring them to an end first, then erase the account."""

    code = "still_open"


@dataclass(frozen=True, slots=True)
class PersonalDataService:
    store: Store
    session_writer: SessionWriter
    clock: Clock

    async def export(self, account: Account, caller: Caller) -> dict[str, Any]:
        """Everything the house keeps of somebody, as plain values, without secrets."""
        repositories = self.store.repositories
        developer = await repositories.developers.find_by_account(account.id)
        client = await repositories.clients.find_by_account(account.id)
        sides = tuple(side.id for side in (client, developer) if side)
        bookings = [booking async for booking in self._bookings(account.id)]
        jobs = [job async for job in self._jobs(account.id)]
        notes = await repositories.deliveries.of_jobs([job.id for job in jobs])
        sessions = await repositories.sessions.of_account(account.id)
        identities = await repositories.identities.of_account(account.id)
        activity = [entry async for entry in repositories.audit.chain(account.id)]
        told = {
            "made_at": self.clock.now(),
            "account": _without(asdict(account), "password_hash", "totp"),
            "client": asdict(client) if client else None,
            "developer": asdict(developer) if developer else None,
            "bookings": [asdict(booking) for booking in bookings],
            "jobs": [asdict(job) for job in jobs],
            "deliveries": [asdict(each) for job in jobs for each in notes.get(job.id, ())],
            "payments": [
                asdict(await repositories.payments.get(PaymentId(b.payment_id))) for b in bookings
            ],
            "transactions": [asdict(t) async for t in _transactions(repositories, sides)],
            "sessions": [_without(asdict(s), "id", "csrf_seed") for s in sessions],
            "sign_ins_elsewhere": [asdict(identity) for identity in identities],
            "activity": [_told(entry) for entry in activity],
        }
        await repositories.outbox.add(
            self.session_writer.audit_message(account, caller, "exported")
        )
        plain: dict[str, Any] = _plain(told)
        return plain

    async def erase(self, account: Account, caller: Caller) -> None:
        """Close the account and take every personal word out of it. What law and the other side
        need stays without a name: bookings, payments, the ledger. Raises `StillOpen` while
        anything of it is under way or any earning is not paid out."""

        async def step(repositories: Repositories) -> None:
            current = await repositories.accounts.get(account.id)
            await self._refuse_open(repositories, current)
            now = self.clock.now()
            await repositories.outbox.add(
                self.session_writer.security_notice(current, "erased"),
                self.session_writer.audit_message(current, caller, "erased"),
                *(
                    message(
                        "accounts.erase", f"{current.id}:{name}", due_at=due, account=current.id
                    )
                    for name, due in (("erase", now), ("erase-again", now + AGAIN))
                ),
            )
            await self.session_writer.end_all(repositories, current.id)
            await self._leave(repositories, current)
            await repositories.accounts.save(current.erase(now=now))

        await self.store.transact(step)

    async def _refuse_open(self, repositories: Repositories, account: Account) -> None:
        alive, _ = await repositories.bookings.of_account(
            account.id, statuses=OPEN, limit=1, cursor=None
        )
        if alive:
            raise StillOpen
        developer = await repositories.developers.find_by_account(account.id)
        if developer and await self._earned(repositories, developer.id):
            raise StillOpen(
                "There is money of yours here that is not paid out. Withdraw it first, "
                "then erase the account."
            )

    async def _earned(self, repositories: Repositories, developer_id: str) -> int:
        mine = earnings(developer_id)
        total = 0
        async for entry in _transactions(repositories, (developer_id,)):
            total += sum(line.amount.amount for line in entry.lines if line.account == mine)
        return total

    async def _leave(self, repositories: Repositories, account: Account) -> None:
        developer = await repositories.developers.find_by_account(account.id)
        client = await repositories.clients.find_by_account(account.id)
        await repositories.avatars.remove_of(account.id)
        if developer:
            blank = replace(
                developer, name=ERASED_NAME, headline="", bio="", skills=(), languages=(),
                published=False, avatar=None, next_times=(),
            )  # fmt: skip
            await repositories.developers.save(blank)
        if client:
            await repositories.clients.save(
                replace(client, name=ERASED_NAME, phone=None, avatar=None)
            )
        for identity in await repositories.identities.of_account(account.id):
            await repositories.identities.remove(identity.issuer, identity.subject)
        for purpose in Purpose:
            await repositories.codes.remove(code_id(purpose, account.id))
        for email in filter(None, (account.email, account.new_email)):
            await repositories.suppressions.remove(email)
            await repositories.throttles.clear(*counters_of(email))

    async def forget(self, account_id: str) -> None:
        """For the relay: the name of somebody erased leaves the bookings and jobs of the past,
        too. Raises `NotDueYet` while a booking is open that was made in that very moment."""
        alive = False
        async for booking in self._bookings(AccountId(account_id)):
            await self.store.transact(_forgetting(booking, account_id))
            alive = alive or booking.status in OPEN
        async for job in self._jobs(account_id):
            await self.store.transact(_forgetting_job(job, account_id))
        if alive:
            raise NotDueYet(self.clock.now() + AGAIN)

    def _jobs(self, account_id: str) -> AsyncIterator[Job]:
        jobs = self.store.repositories.jobs
        return _every(lambda cursor: jobs.of_account(account_id, limit=PAGE, cursor=cursor))

    def _bookings(self, account_id: AccountId) -> AsyncIterator[Booking]:
        bookings = self.store.repositories.bookings
        return _every(
            lambda cursor: bookings.of_account(account_id, statuses=ALL, limit=PAGE, cursor=cursor)
        )


async def _every(page: Callable[[str | None], Awaitable[Page[Item]]]) -> AsyncIterator[Item]:
    """One by one, page after page."""
    cursor: str | None = None
    while True:
        found, cursor = await page(cursor)
        for one in found:
            yield one
        if cursor is None:
            return


def _transactions(repositories: Repositories, sides: tuple[str, ...]) -> AsyncIterator[Transaction]:
    return _every(
        lambda cursor: repositories.transactions.of_account(sides, limit=PAGE, cursor=cursor)
    )


def _forgetting(booking: Booking, account_id: str) -> Callable[[Repositories], Awaitable[None]]:
    async def step(repositories: Repositories) -> None:
        current = await repositories.bookings.get(booking.id)
        nameless = replace(
            current,
            client=_nameless(current.client, account_id),
            developer=_nameless(current.developer, account_id),
            brief="" if current.client.account_id == account_id else current.brief,
        )
        if nameless != current:
            await repositories.bookings.save(nameless)

    return step


def _forgetting_job(job: Job, account_id: str) -> Callable[[Repositories], Awaitable[None]]:
    async def step(repositories: Repositories) -> None:
        current = await repositories.jobs.get(job.id)
        nameless = replace(
            current,
            client=_nameless(current.client, account_id),
            developer=_nameless(current.developer, account_id),
        )
        if nameless != current:
            await repositories.jobs.save(nameless)

    return step


def _told(entry: Entry) -> dict[str, Any]:
    """An entry as its owner may know it: of others who acted, not who they are."""
    known = entry.actor in (entry.account_id, SYSTEM, PROVIDER, ADMIN)
    told = _without(asdict(entry), "seal", "previous", "key")
    return told if known else {**told, "actor": "another"}


def _nameless(party: Party, account_id: str) -> Party:
    return replace(party, name=ERASED_NAME) if party.account_id == account_id else party


def _without(values: dict[str, Any], *secrets: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in secrets}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one) for one in value]
    if isinstance(value, datetime) or value is None or isinstance(value, bool | int | float):
        return value
    return str(value)
