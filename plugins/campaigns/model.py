"""A campaign, its recipients, and how both are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar, Self

from plugins.api import Conflict, DocumentOrder, DocumentType, Payload, Role
from plugins.campaigns.consents import Topic

NAME_MAXIMUM, SUBJECT_MAXIMUM, LINE_MAXIMUM, TEXT_MAXIMUM, BUTTON_MAXIMUM = 80, 150, 150, 5_000, 60
WEEK = timedelta(days=7)


class WrongState(Conflict):
    """The campaign has changed in the meantime. Check its current state."""

    code = "campaign_moved_on"


class State(StrEnum):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    PAUSED = "paused"
    DONE = "done"
    CANCELLED = "cancelled"


NEXT: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.SCHEDULED}),
    State.SCHEDULED: frozenset({State.SENDING, State.PAUSED, State.CANCELLED}),
    State.SENDING: frozenset({State.PAUSED, State.CANCELLED, State.DONE}),
    State.PAUSED: frozenset({State.SENDING, State.CANCELLED}),
    State.DONE: frozenset(),
    State.CANCELLED: frozenset(),
}
"""The allowed transitions."""
RUNNING = frozenset({State.SCHEDULED, State.SENDING})


class Since(StrEnum):
    """When the last finished booking was."""

    ANY = ""
    RECENT = "recent"
    LONG_AGO = "long_ago"
    NEVER = "never"


class Target(StrEnum):
    """Where the button leads."""

    NONE = ""
    HOME = "home"
    DEVELOPERS = "developers"
    DEVELOPER = "developer"
    DASHBOARD = "dashboard"


@dataclass(frozen=True, slots=True)
class Segment:
    """Who is meant, of those who agreed to the topic; an empty text means any. `since` counts from
    `days` ago, `skill` is one of the developer of a finished booking, `zone` a time zone or the
    first part of its name."""

    role: Role = Role.CLIENT
    since: Since = Since.ANY
    days: int = 60
    skill: str = ""
    zone: str = ""
    language: str = ""


@dataclass(frozen=True, slots=True)
class Words:
    """The words of a mail, with `{{ words }}` of each person (`words.py`). `line` is shown after
    the subject in lists of mails."""

    subject: str = ""
    line: str = ""
    text: str = ""
    button: str = ""
    target: Target = Target.NONE


@dataclass(frozen=True, slots=True)
class Campaign:
    """`step` is the number of the outbox message that goes on with the sending: others are from
    before a pause, or repeated. `cursor` is the place in the list of people up to which recipients
    were selected; `selected`: all are. `rate` is in mails an hour. `by` are names of administrators
    for other administrators, `reason` says why it is paused. Times are in UTC."""

    id: str
    name: str
    created_at: datetime
    saved_at: datetime
    by: str
    topic: Topic = Topic.NEWS
    segment: Segment = field(default_factory=Segment)
    words: Words = field(default_factory=Words)
    state: State = State.DRAFT
    starts_at: datetime | None = None
    rate: int = 200
    step: int = 0
    cursor: str | None = None
    selected: bool = False
    changed_at: datetime | None = None
    reason: str = ""
    version: int = 0

    def write(
        self, name: str, topic: Topic, segment: Segment, words: Words, *, by: str, at: datetime
    ) -> Self:
        """Raises `WrongState` once it is no draft any more."""
        if self.state is not State.DRAFT:
            raise WrongState("Only a draft can be changed.")
        return replace(
            self, name=name, topic=topic, segment=segment, words=words, by=by, saved_at=at
        )

    def schedule(self, starts_at: datetime, *, rate: int, by: str, at: datetime) -> Self:
        """Raises `WrongState`."""
        moved = self._to(State.SCHEDULED, by=by, at=at)
        return replace(moved, starts_at=starts_at, rate=rate, step=self.step + 1)

    def pause(self, *, by: str, at: datetime, reason: str = "") -> Self:
        """Raises `WrongState`."""
        return replace(self._to(State.PAUSED, by=by, at=at), reason=reason)

    def resume(self, *, by: str, at: datetime) -> Self:
        """Goes on with the next person. Raises `WrongState`."""
        return replace(self._to(State.SENDING, by=by, at=at), step=self.step + 1, reason="")

    def cancel(self, *, by: str, at: datetime) -> Self:
        """Raises `WrongState`."""
        return self._to(State.CANCELLED, by=by, at=at)

    def begin(self, *, at: datetime) -> Self:
        """It is time to start; without effect once it is being sent."""
        if self.state is State.SENDING:
            return self
        return self._to(State.SENDING, by=self.by, at=at)

    def finish(self, *, at: datetime) -> Self:
        return self._to(State.DONE, by=self.by, at=at)

    def runs(self, step: int) -> bool:
        """Whether the outbox message of this number goes on with it."""
        return self.state in RUNNING and self.step == step

    def _to(self, state: State, *, by: str, at: datetime) -> Self:
        if state not in NEXT[self.state]:
            raise WrongState
        return replace(self, state=state, by=by, changed_at=at)


class Progress(StrEnum):
    """How far one mail is. The values are stored."""

    WAITING = "waiting"
    SENT = "sent"
    BOUNCED = "bounced"
    """The server refused the address, or the mail came back later."""
    COMPLAINED = "complained"
    """Was sent, and reported as unwanted."""
    WITHDREW = "withdrew"
    """Agreed when the recipients were selected, and not any more."""
    RETURNS = "returns"
    """Mail to the address came back before, so none was sent."""
    ENOUGH = "enough"
    """Has had the mails of this week."""
    EMPTY = "empty"
    """A word of the mail is empty for this person."""
    GONE = "gone"
    """The account is erased, suspended or without a confirmed address."""
    FAILED = "failed"
    """The mail was refused, or could not be sent for days."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """One mail of a campaign to one account: there is one row for each, so nobody gets it twice.

    A row that waits is due at `due_at`, later while a worker sends it or in the quiet hours of the
    person. `zone` is that of the account when it was selected. `clicks`: the person allowed to
    count clicks. The other times are those of the first such fact.
    """

    id: str
    campaign: str
    account: str
    zone: str
    due_at: datetime
    progress: Progress = Progress.WAITING
    attempts: int = 0
    first_try_at: datetime | None = None
    sent_at: datetime | None = None
    bounced_at: datetime | None = None
    complained_at: datetime | None = None
    withdrew_at: datetime | None = None
    clicked_at: datetime | None = None
    clicks: bool = False
    version: int = 0


ATTEMPTED = (Progress.SENT, Progress.BOUNCED, Progress.COMPLAINED)
"""Mails that went out, or would have gone out if their address existed."""


def recipient_id(campaign: str, account: str) -> str:
    return f"{campaign}.{account}"


@dataclass(frozen=True, slots=True)
class Person:
    """What is known of a person for campaigns; `id` is that of the account. `last_*` is the last
    finished booking, as client; `skills` are those of all developers booked, in lower case.
    `mails` has the time (ISO 8601) of each mail of the last week, by campaign."""

    id: str
    last_booking: str = ""
    last_booking_at: datetime | None = None
    skills: tuple[str, ...] = ()
    mails: Mapping[str, str] = field(default_factory=dict)
    version: int = 0

    def mails_since(self, moment: datetime, *, beside: str = "") -> int:
        """How many mails of other campaigns were sent after this moment."""
        times = (at for campaign, at in self.mails.items() if campaign != beside)
        return sum(datetime.fromisoformat(at) > moment for at in times)

    def with_mail(self, campaign: str, at: datetime) -> Self:
        recent = {
            name: text
            for name, text in self.mails.items()
            if datetime.fromisoformat(text) > at - WEEK
        }
        return replace(self, mails={**recent, campaign: at.isoformat()})

    def without_mail(self, campaign: str) -> Self:
        return replace(self, mails={k: v for k, v in self.mails.items() if k != campaign})

    def with_booking(self, booking: str, at: datetime, skills: tuple[str, ...]) -> Self:
        """The same booking may come again, and bookings in any order."""
        known = dict.fromkeys((*self.skills, *(skill.lower() for skill in skills)))
        newer = self.last_booking_at is None or at >= self.last_booking_at
        if not newer:
            return replace(self, skills=tuple(known))
        return replace(self, skills=tuple(known), last_booking=booking, last_booking_at=at)


CAMPAIGNS = DocumentType(
    "campaigns",
    Campaign,
    orders=(DocumentOrder("newest", equals=(), by=("created_at",), descending=True),),
)
RECIPIENTS = DocumentType(
    "campaigns_recipients",
    Recipient,
    orders=(
        DocumentOrder("due", equals=("campaign", "progress"), by=("due_at",)),
        DocumentOrder("of_campaign", equals=("campaign",), by=("account",)),
        DocumentOrder("of_account", equals=("account",), by=("campaign",)),
    ),
)
PEOPLE = DocumentType("campaigns_people", Person)


@dataclass(frozen=True, slots=True)
class GoOn(Payload):
    """Select more recipients, or send the next mails."""

    kind: ClassVar[str] = "campaigns.go_on"
    campaign: str
    step: int


@dataclass(frozen=True, slots=True)
class TrialMail(Payload):
    """Send the saved words to the account `to`, as `reader` would get them."""

    kind: ClassVar[str] = "campaigns.test"
    campaign: str
    reader: str
    to: str
