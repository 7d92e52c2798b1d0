"""Makes of one fact an entry of a person's list, and a message for each channel they chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.accounts import Account, AccountId
from core.bookings import BookingId
from core.jobs import JobId
from core.notice_preferences import NoticePreferences
from core.notifications import (
    EMAIL,
    HERE,
    KEPT_FOR,
    Notification,
    NotificationAdded,
    NotificationId,
    NotifyAccount,
    NotifyParty,
)
from core.outbox import OutboxMessage, message
from core.payments import PaymentId
from core.timeline import Actor
from ports.clock import Clock
from ports.store import Repositories, Store
from services.notifications.documents import NOTIFICATIONS, PREFERENCES
from services.shared.notices import Notice, NoticeChannel
from services.shared.outbox import handles
from services.timeline import BookingDetails


@dataclass(frozen=True, slots=True)
class Fact:
    """What one person is to be told. `key` is made of the fact and the person. `until` is the
    deadline that is shown; quiet hours hold nothing back beyond the last hour before `by`."""

    key: str
    notice: Notice
    account: AccountId
    booking: str = ""
    subject: str = ""
    fact: str = ""
    actor: str = ""
    until: datetime | None = None
    by: datetime | None = None

    @property
    def is_own(self) -> bool:
        """Whether the person did it and knows it."""
        return self.actor == self.account and not self.notice.news


@dataclass(frozen=True, slots=True, kw_only=True)
class Notifier:
    """The outbox handlers of facts. All that follows from one is written in one transaction, with
    ids made of the fact, so that a repeated run changes nothing.

    `channels` are those beside the list that are in use.
    """

    store: Store
    notices: Mapping[str, Notice]
    channels: Sequence[NoticeChannel]
    clock: Clock

    @handles(NotifyParty)
    async def notify_party(self, payload: NotifyParty) -> None:
        """Tell a party of a booking. Raises `LookupError` for an undeclared notice."""
        notice = self.notices[payload.letter]
        details = await self._details(BookingId(payload.booking))
        booking, job = details.booking, details.job
        key = f"{booking.id}.{notice.name}.{payload.account}"
        if notice.repeats:  # a message of an earlier version has no fact
            key += f".{payload.fact or (job.version if job else 0)}"
        await self.notify(
            Fact(
                key=key,
                notice=notice,
                account=AccountId(payload.account),
                booking=booking.id,
                fact=payload.fact,
                actor=_actor(details, payload.fact),
                until=details.next.at if details.next else None,
                by=_next_moment(details),
            )
        )

    @handles(NotifyAccount)
    async def notify_account(self, payload: NotifyAccount) -> None:
        """Tell an account. Raises `LookupError` for an undeclared notice."""
        await self.notify(
            Fact(
                key=f"{payload.fact}.{payload.notice}.{payload.account}",
                notice=self.notices[payload.notice],
                account=AccountId(payload.account),
                subject=payload.subject,
                fact=payload.fact,
                actor=payload.actor,
                until=payload.until,
                by=payload.until,
            )
        )

    async def notify(self, fact: Fact) -> None:
        """Does nothing for an erased account, and for a fact that was told before."""

        async def step(repositories: Repositories) -> None:
            account = await repositories.accounts.get(fact.account)
            if account.erased:
                return
            preferences = await repositories.documents(PREFERENCES).find(account.id)
            chosen = preferences or NoticePreferences(account.id)
            messages = list(self._deliveries(fact, account, chosen))
            if _is_wanted(fact.notice, HERE, chosen):
                messages += await self._add_entry(repositories, fact)
            await repositories.outbox.add(*messages)

        await self.store.transact(step)

    async def _add_entry(self, repositories: Repositories, fact: Fact) -> list[OutboxMessage]:
        documents, now = repositories.documents(NOTIFICATIONS), self.clock.now()
        entry = Notification(
            id=NotificationId(_plain(fact.key)),
            account_id=fact.account,
            notice=fact.notice.name,
            area=fact.notice.group.area,
            at=now,
            expires_at=now + KEPT_FOR,
            booking_id=fact.booking,
            subject=fact.subject,
            fact=fact.fact,
            actor=fact.actor,
            until=fact.until,
            read_at=now if fact.is_own else None,
        )
        if await documents.find(entry.id):
            return []
        await documents.add(entry)
        added = NotificationAdded(fact.account, entry.id, entry.notice)
        return [message(added, entry.id, due_at=now)]

    def _deliveries(
        self, fact: Fact, account: Account, chosen: NoticePreferences
    ) -> Iterable[OutboxMessage]:
        now, notice = self.clock.now(), fact.notice
        due = chosen.due(now, account.timezone, urgent=notice.urgent, until=fact.by)
        for channel in self.channels:
            if _is_wanted(notice, channel.name, chosen) and _reaches_own(fact, channel):
                delivery = channel.delivery(
                    key=_plain(fact.key),
                    notice=notice.name,
                    account=account.id,
                    booking=fact.booking,
                    subject=fact.subject,
                    fact=fact.fact,
                )
                yield message(delivery, delivery.key, due_at=due)

    async def _details(self, booking_id: BookingId) -> BookingDetails:
        """Raises `Missing`."""
        repositories = self.store.repositories
        booking = await repositories.bookings.get(booking_id)
        payment = await repositories.payments.get(PaymentId(booking.payment_id))
        job = await repositories.jobs.get(JobId(booking.job_id)) if booking.job_id else None
        entries = await repositories.timeline.of_booking(booking_id)
        return BookingDetails(booking, payment, job, (), entries, self.clock.now())


def _plain(key: str) -> str:
    """A key as it can stand in a Message-ID."""
    return key.replace(":", ".")


def _is_wanted(notice: Notice, channel: str, chosen: NoticePreferences) -> bool:
    group = notice.group
    if not notice.uses(channel):
        return False
    choice = None if group.is_always(channel) else chosen.choice(group.name, channel)
    return group.default(channel) if choice is None else choice


def _reaches_own(fact: Fact, channel: NoticeChannel) -> bool:
    """Of what people did themselves they get an e-mail to keep, but are not interrupted."""
    return channel.name == EMAIL or not fact.is_own


def _actor(details: BookingDetails, entry_id: str) -> str:
    """The account that caused the timeline entry, or empty for a deadline or the provider."""
    entry = next((each for each in details.entries if each.id == entry_id), None)
    if entry is None:
        return ""
    sides = {Actor.CLIENT: details.booking.client, Actor.DEVELOPER: details.booking.developer}
    return sides[entry.actor].account_id if entry.actor in sides else ""


def _next_moment(details: BookingDetails) -> datetime | None:
    """The deadline or the meeting that comes next."""
    moments = [details.next.at if details.next else None]
    if details.booking.is_ahead(details.read_at) and details.read_at < details.booking.start:
        moments.append(details.booking.start)
    return min((each for each in moments if each), default=None)
