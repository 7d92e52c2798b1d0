"""Notices: what people are told, in which group of their preferences, and on which channels.

A capability declares its kinds in `Capability.notices` and their words in `WebCapability.notices`,
and tells a person one fact with an outbox message:

    message(NotifyParty("accepted", account_id, booking.id, entry.id), key, due_at=now)
    message(NotifyAccount("inquiry", account_id, fact=chat.id, subject=chat.id), key, due_at=now)

The capability `notifications` does the rest: the entry of the list, e-mail and push as the person
has chosen, each once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.accounts import Account
from core.notifications import EMAIL, HERE, PUSH, Area, Delivery
from ports.store import Repositories


@dataclass(frozen=True, slots=True)
class NoticeGroup:
    """One row of the preferences page. `about` says in a few words what belongs to it. `always`
    is the reason why its list entries and e-mails cannot be turned off; such notices do not wait
    for the end of quiet hours. `push`: by default also sent to browsers that asked for it."""

    name: str
    label: str
    about: str
    area: Area
    always: str = ""
    push: bool = True

    def is_always(self, channel: str) -> bool:
        return bool(self.always) and channel in (HERE, EMAIL)

    def default(self, channel: str) -> bool:
        """Whether the channel is on until the person chooses. Those of plugins are off."""
        return channel in (HERE, EMAIL) or (channel == PUSH and self.push)


BOOKINGS = NoticeGroup(
    "bookings", "Bookings", "Requested, accepted, declined, cancelled", Area.BOOKINGS
)
REMINDERS = NoticeGroup(
    "reminders", "Reminders", "Meetings; time left to answer, to deliver, to review", Area.BOOKINGS
)
WORK = NoticeGroup(
    "work", "Deliveries and reviews", "New deliveries, requested changes, approval", Area.BOOKINGS
)
MESSAGES = NoticeGroup("messages", "Messages", "What is new in your chats", Area.MESSAGES)
PAYMENTS = NoticeGroup(
    "payments",
    "Payments and refunds",
    "Paid, released, refunded",
    Area.MONEY,
    always="you must be able to prove where your money is",
    push=False,
)
SECURITY = NoticeGroup(
    "security",
    "Codes and security",
    "Codes, and changes of how you log in",
    Area.ACCOUNT,
    always="so that nobody changes your account without you",
    push=False,
)


@dataclass(frozen=True, slots=True)
class NoticeReader:
    """Whom a delivery is for, and where from: `site` is the base URL."""

    account: Account
    delivery: Delivery
    site: str
    now: datetime


Context = Callable[[Repositories, NoticeReader], Awaitable[Any]]
"""Returns the context of the e-mail template, a frozen dataclass with the field `url`, the page
that a push message opens. None if there is nothing to tell any more: then nothing is sent."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One kind of notice.

    - `template` is its e-mail as `capability/name`; its subject is also the text of a push message;
    - `group` is its row of the preferences;
    - `channels` are those it can use, none for all;
    - `repeats`: one booking can need it several times, once for each `NotifyParty.fact`;
    - `context` reads what the template shows. A notice about a booking needs none;
    - `unless_read`: no e-mail to a person who has read it in the list by then;
    - `news`: it is new also to the person who caused it;
    - `invites`: its e-mail brings the calendar entry of the booking up to date;
    - `mailed` elsewhere: its capability sends the e-mails itself, to addresses of its choice.
    """

    name: str
    template: str
    group: NoticeGroup = BOOKINGS
    channels: tuple[str, ...] = ()
    repeats: bool = False
    context: Context | None = None
    unless_read: bool = False
    news: bool = False
    invites: bool = False
    mailed: bool = False

    @property
    def urgent(self) -> bool:
        """Whether it is sent in quiet hours."""
        return bool(self.group.always)

    def uses(self, channel: str) -> bool:
        return not (self.mailed and channel == EMAIL) and channel in (self.channels or (channel,))


@dataclass(frozen=True, slots=True)
class NoticeChannel:
    """A channel beside the list. `label` is its column on the preferences page. Its deliveries are
    `delivery` messages, which its capability handles."""

    name: str
    label: str
    delivery: type[Delivery]


def about_bookings(
    *names: str, group: NoticeGroup = BOOKINGS, repeats: bool = False, invites: bool = False
) -> tuple[Notice, ...]:
    """Notices whose template is the e-mail of the same name of the bookings capability."""
    return tuple(
        Notice(name, f"bookings/{name}", group, repeats=repeats, invites=invites) for name in names
    )
