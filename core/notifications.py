"""Notifications: what a person was told, on which channel, and the outbox messages that do it.

`NotifyParty` and `NotifyAccount` are for every capability and plugin. They name a declared notice
(`services/shared/notices.py`); what the person has chosen decides on the channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, NewType, Self

from core.outbox import Payload
from core.policy import DAY

NotificationId = NewType("NotificationId", str)

KEPT_FOR: timedelta = 180 * DAY
"""How long a notification stays in the list (docs/rules.md, notifications)."""

HERE = "here"
EMAIL = "email"
PUSH = "push"
"""The channels of the platform: the list on the site, e-mail, and the browser (Web Push)."""


class Area(StrEnum):
    """The tabs of the list. The values are stored."""

    BOOKINGS = "bookings"
    MONEY = "money"
    MESSAGES = "messages"
    ACCOUNT = "account"


@dataclass(frozen=True, slots=True)
class Notification:
    """One entry of the list of a person. Its id is made of the fact and the person, so that each
    fact is there once.

    `notice` is the kind. `booking_id`, `subject` and `fact` say what it is about: its amounts and
    times are those of the entities. `actor` is the id of the account that caused it, or empty.
    `until` is the time by which something follows or has to be done, as it was then.
    """

    id: NotificationId
    account_id: str
    notice: str
    area: Area
    at: datetime
    expires_at: datetime
    booking_id: str = ""
    subject: str = ""
    fact: str = ""
    actor: str = ""
    until: datetime | None = None
    read_at: datetime | None = None
    version: int = 0

    def read(self, *, now: datetime) -> Self:
        """The notification marked as read, since the first time it was."""
        return self if self.read_at else replace(self, read_at=now)


@dataclass(frozen=True, slots=True)
class NotifyParty(Payload):
    """Tell a party of a booking one fact. `letter` is the name of the notice. `fact` is the id of
    the timeline entry it is about, or the key of one reminder."""

    kind: ClassVar[str] = "notifications.mail"
    letter: str
    account: str
    booking: str
    fact: str = ""


@dataclass(frozen=True, slots=True)
class BookingNews(Payload):
    """What follows at once from one step of a booking: an event for the open browsers of both
    parties, one for the visitors of the developer's profile, and notices.

    - `accounts` are the parties, and `notices` pairs of notice and account as `notice:account`,
      separated by spaces;
    - `what` is the step, and `fact` the id of its timeline entry;
    - `slots_of` is the developer whose free times have changed, or empty.
    """

    kind: ClassVar[str] = "notifications.booking"
    booking: str
    what: str
    fact: str
    accounts: str
    slots_of: str = ""
    notices: str = ""


def parties_told(notices: str) -> Iterator[tuple[str, str]]:
    """The notices of `BookingNews` and the accounts they are for."""
    for each in notices.split():
        notice, _, account = each.rpartition(":")
        yield notice, account


@dataclass(frozen=True, slots=True)
class NotifyAccount(Payload):
    """Tell an account one fact that is about no booking.

    - `notice` is the name of a declared `Notice`;
    - `fact` identifies the event: one notice, account and fact is told once on each channel,
      however often the message is written or its handler runs;
    - `subject` is what it is about, for the wording: ids, separated by spaces;
    - `actor` is the id of the account that caused it. Its own notification counts as read;
    - `until` is the time after which it is of no use: quiet hours do not hold it back longer.
    """

    kind: ClassVar[str] = "notifications.notify"
    notice: str
    account: str
    fact: str
    subject: str = ""
    actor: str = ""
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Delivery(Payload):
    """Deliver one notice by one channel. Each channel has a subclass with a `kind` of its own, and
    a handler for it.

    `key` identifies fact and recipient: what is sent carries it, so that a repeat is recognised.
    It is also the id of the entry of the list. The other fields are those of `NotifyAccount`.
    """

    kind: ClassVar[str]
    key: str
    notice: str
    account: str
    booking: str = ""
    subject: str = ""
    fact: str = ""


@dataclass(frozen=True, slots=True)
class EmailDelivery(Delivery):
    """By e-mail."""

    kind: ClassVar[str] = "notifications.email"


@dataclass(frozen=True, slots=True)
class NotificationAdded(Payload):
    """A new entry of the list, for the open browsers of the account. Earlier versions wrote it;
    now the handler of the fact tells them."""

    kind: ClassVar[str] = "notifications.added"
    kept: ClassVar[bool] = False
    account: str
    notification: str
    notice: str


@dataclass(frozen=True, slots=True)
class NotificationsRead(Payload):
    """Entries of the list were read, for the open browsers of the account. `notifications` are
    their ids, separated by spaces; without any, all were read."""

    kind: ClassVar[str] = "notifications.read"
    kept: ClassVar[bool] = False
    account: str
    notifications: str = ""
