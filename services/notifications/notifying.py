"""Makes of one fact an entry of a person's list, and a message for each channel they chose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from core.accounts import Account, AccountId
from core.notice_preferences import NoticePreferences
from core.notifications import (
    EMAIL,
    HERE,
    KEPT_FOR,
    BookingNews,
    Notification,
    NotificationId,
    NotifyAccount,
    NotifyParty,
    parties_told,
)
from core.outbox import OutboxMessage, message
from core.timeline import Actor
from ports.clock import Clock
from ports.live import Live
from ports.store import Duplicate, Missing, Repositories, Store
from services.notifications.details import booking_details
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
    ids made of the fact, so that a repeated run changes nothing; open browsers are told after it.

    `channels` are those beside the list that are in use.
    """

    store: Store
    live: Live
    notices: Mapping[str, Notice]
    channels: Sequence[NoticeChannel]
    clock: Clock

    @handles(BookingNews)
    async def booking_news(self, payload: BookingNews) -> None:
        """Publish the step to open browsers, and tell the parties. Raises `LookupError` for an
        undeclared notice."""
        data = {"booking": payload.booking, "what": payload.what}
        for account in payload.accounts.split():
            await self.live.publish(f"account:{account}", "booking:updated", data)
        if developer := payload.slots_of:
            visitors = f"developer:{developer}"
            await self.live.publish(visitors, "slots:changed", {"developer": developer})
        parties = [
            NotifyParty(notice, account, payload.booking, payload.fact)
            for notice, account in parties_told(payload.notices)
        ]
        if parties:
            details = await booking_details(self.store, self.clock, payload.booking)
            await self.notify(*(self._about_booking(each, details) for each in parties))

    @handles(NotifyParty)
    async def notify_party(self, payload: NotifyParty) -> None:
        """Tell a party of a booking. Raises `LookupError` for an undeclared notice."""
        details = await booking_details(self.store, self.clock, payload.booking)
        await self.notify(self._about_booking(payload, details))

    def _about_booking(self, payload: NotifyParty, details: BookingDetails) -> Fact:
        notice = self.notices[payload.letter]
        booking, job = details.booking, details.job
        key = f"{booking.id}.{notice.name}.{payload.account}"
        if notice.repeats:  # a message of an earlier version has no fact
            key += f".{payload.fact or (job.version if job else 0)}"
        return Fact(
            key=key,
            notice=notice,
            account=AccountId(payload.account),
            booking=booking.id,
            fact=payload.fact,
            actor=_actor(details, payload.fact),
            until=details.next.at if details.next else None,
            by=_next_moment(details),
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

    async def notify(self, *facts: Fact) -> None:
        """Tell each fact to its person. Does nothing for an erased account, and for a fact that was
        told before. Raises `Missing` for an unknown account.

        Open browsers are told by the run that has written the entry. Whoever dies in between leaves
        them without it until their next request.
        """
        try:
            added = await self.store.transact(partial(self._write, facts))
        except Duplicate:  # some were told before
            added = await self.store.transact(partial(self._write, facts, look_first=True))
        for entry in added:
            data = {"id": entry.id, "kind": entry.notice}
            await self.live.publish(f"account:{entry.account_id}", "notification:new", data)

    async def _write(
        self, facts: Sequence[Fact], repositories: Repositories, *, look_first: bool = False
    ) -> Sequence[Notification]:
        """The added entries of the list. Only with `look_first` they are looked for before they are
        added: mostly they are new."""
        told = [fact.account for fact in facts]
        accounts = await repositories.accounts.many(told)
        preferences = await repositories.documents(PREFERENCES).many(told)
        messages, entries = list[OutboxMessage](), list[Notification]()
        for fact in facts:
            account = accounts.get(fact.account)
            if account is None:
                raise Missing
            chosen = preferences.get(account.id) or NoticePreferences(account.id)
            if not account.erased:
                messages += self._deliveries(fact, account, chosen)
                if _is_wanted(fact.notice, HERE, chosen):
                    entries.append(self._entry(fact))
        documents = repositories.documents(NOTIFICATIONS)
        there = await documents.many([each.id for each in entries]) if look_first else {}
        added = [entry for entry in entries if entry.id not in there]
        for entry in added:
            await documents.add(entry)
        await repositories.outbox.add(*messages)
        return added

    def _entry(self, fact: Fact) -> Notification:
        now = self.clock.now()
        return Notification(
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
