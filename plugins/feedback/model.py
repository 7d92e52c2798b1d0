"""Reviews: who may write, when they are shown, and what counts.

Two people write about one job, each about the other. Neither reads the other's review before both
have written or the time is up, so that no review answers another.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from plugins.api import (
    Account,
    Conflict,
    DocumentOrder,
    DocumentType,
    Errors,
    NotFound,
    Party,
    Role,
    checked_text,
)

TEXT_MAXIMUM, REPLY_MAXIMUM = 4000, 2000
"""Characters."""
STARS = range(1, 6)


class Writer(StrEnum):
    """The side of a job that writes. The values are stored."""

    CLIENT = "client"
    DEVELOPER = "developer"

    @property
    def other(self) -> Writer:
        return Writer.DEVELOPER if self is Writer.CLIENT else Writer.CLIENT


@dataclass(frozen=True, slots=True)
class Aspect:
    """One named part of a rating. `name` is that of the API, `label` is read by people."""

    name: str
    label: str


ASPECTS: dict[Writer, tuple[Aspect, Aspect, Aspect]] = {
    Writer.CLIENT: (
        Aspect("explains", "Explains so that you understand"),
        Aspect("on_time", "Keeps the time"),
        Aspect("as_agreed", "Work as agreed"),
    ),
    Writer.DEVELOPER: (
        Aspect("is_clear", "Says clearly what is wanted"),
        Aspect("on_time", "Keeps the time"),
        Aspect("answers", "Answers questions"),
    ),
}
"""What each side rates about the other."""
NOT_RATED = (0, 0, 0)


class State(StrEnum):
    """The values are stored."""

    SEALED = "sealed"
    SHOWN = "shown"
    HIDDEN = "hidden"
    """Taken away by an administrator."""


class NotApproved(Conflict):
    """A review can be written once the work is approved."""

    code = "job_not_approved"


class TooLateToReview(Conflict):
    """The time to write a review is over."""

    code = "review_too_late"


class AlreadyReviewed(Conflict):
    """You have written a review of this job already."""

    code = "already_reviewed"


class NotShown(Conflict):
    """This review is not shown."""

    code = "review_not_shown"


class TooLateToReply(Conflict):
    """The time to reply to this review is over."""

    code = "reply_too_late"


class AlreadyReplied(Conflict):
    """You have replied to this review already."""

    code = "already_replied"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What somebody says: 1 to 5 stars, one for each aspect or 0 for none, and a text."""

    rating: int
    aspects: tuple[int, ...]
    text: str

    @classmethod
    def checked(cls, *, rating: int, aspects: Sequence[int], text: str) -> Self:
        """Raises `Invalid` with all fields that are not valid."""
        errors = Errors()
        if rating not in STARS:
            errors.add(rating="Choose 1 to 5 stars.")
        if len(aspects) != len(NOT_RATED) or any(each not in (0, *STARS) for each in aspects):
            errors.add(aspects="Choose 1 to 5 stars for each.")
        with errors:
            text = checked_text(
                text,
                field="text",
                maximum=TEXT_MAXIMUM,
                lines=True,
                called="review",
                empty="Write what others should know.",
            )
        errors.check()
        return cls(rating, tuple(aspects), text)


@dataclass(frozen=True, slots=True)
class Review:
    """One side's review of the other. `author` and `about_account` are account ids, `about` is the
    id of the reviewed profile, the names are those of the booking. `nth` counts the jobs of the
    two. `frozen`: it does not count while a report of a threat is open. Times are in UTC."""

    id: str
    job_id: str
    booking_id: str
    writer: Writer
    author: str
    author_name: str
    about: str
    about_account: str
    about_name: str
    hours: int
    opinion: Opinion
    written_at: datetime
    state: State = State.SEALED
    shown_at: datetime | None = None
    frozen: bool = False
    nth: int = 1
    reply: str = ""
    replied_at: datetime | None = None
    version: int = 0

    @property
    def counts(self) -> bool:
        """Whether it is part of the numbers about the reviewed person."""
        return self.state is State.SHOWN and not self.frozen

    @property
    def aspects(self) -> tuple[tuple[Aspect, int], ...]:
        """Those that were rated."""
        pairs = zip(ASPECTS[self.writer], self.opinion.aspects, strict=True)
        return tuple((aspect, stars) for aspect, stars in pairs if stars)

    def readable_by(self, reader: Account | None) -> bool:
        """Once it is shown: a review of a developer by everybody, one of a client by developers and
        the two sides."""
        if self.state is not State.SHOWN or self.writer is Writer.CLIENT:
            return self.state is State.SHOWN
        sides = (self.author, self.about_account)
        return reader is not None and (reader.id in sides or Role.DEVELOPER in reader.roles)

    def show(self, *, now: datetime) -> Self:
        return replace(self, state=State.SHOWN, shown_at=now)

    def reply_until(self, within: timedelta) -> datetime | None:
        """None for a review that is not shown."""
        return self.shown_at + within if self.shown_at and self.state is State.SHOWN else None

    def answer(self, text: str, *, by: str, now: datetime, within: timedelta) -> Self:
        """The one reply of the reviewed person. Raises `NotFound` for others, `NotShown`,
        `AlreadyReplied`, `TooLateToReply` and `Invalid`."""
        if by != self.about_account:
            raise NotFound
        until = self.reply_until(within)
        if until is None:
            raise NotShown
        if self.replied_at:
            raise AlreadyReplied
        if now >= until:
            raise TooLateToReply
        text = checked_text(
            text,
            field="text",
            maximum=REPLY_MAXIMUM,
            lines=True,
            called="reply",
            empty="Write a reply.",
        )
        return replace(self, reply=text, replied_at=now)


@dataclass(frozen=True, slots=True)
class Exchange:
    """The two reviews of one job; its id is that of the job. The time to write is from `begins_at`
    to `closes_at`; who is early may write before. `nth` counts the approved jobs of the two, this
    one included. `written` are the sides that have; `shown_at` is when the reviews were shown.
    `frozen` are the sides whose review does not count for now, `removed` are those whose review is
    not shown when they write one.
    """

    id: str
    booking_id: str
    client: Party
    developer: Party
    hours: int
    approved_at: datetime
    begins_at: datetime
    closes_at: datetime
    nth: int = 1
    written: tuple[Writer, ...] = ()
    shown_at: datetime | None = None
    frozen: tuple[Writer, ...] = ()
    removed: tuple[Writer, ...] = ()
    version: int = 0

    def moved(self, end: datetime, *, within: timedelta) -> Self:
        """The booked time now ends at `end`: the time to write counts from there, or from a later
        approval. Without effect once the reviews are shown."""
        if self.shown_at:
            return self
        begins = max(self.approved_at, end)
        return replace(self, begins_at=begins, closes_at=begins + within)

    def party(self, writer: Writer) -> Party:
        return self.client if writer is Writer.CLIENT else self.developer

    def writer(self, account_id: str) -> Writer:
        """The side of an account. Raises `NotFound`."""
        for writer in Writer:
            if self.party(writer).account_id == account_id:
                return writer
        raise NotFound

    def may_write(self, writer: Writer, *, now: datetime) -> bool:
        return writer not in self.written and self.shown_at is None and now < self.closes_at

    def write(self, writer: Writer, *, now: datetime) -> Self:
        """That side has written. Raises `AlreadyReviewed` and `TooLateToReview`."""
        if writer in self.written:
            raise AlreadyReviewed
        if not self.may_write(writer, now=now):
            raise TooLateToReview
        return replace(self, written=(*self.written, writer))

    def opens(self, *, now: datetime) -> bool:
        """Whether its reviews are to be shown now, and are not yet."""
        complete = len(self.written) == len(Writer) or now >= self.closes_at
        return complete and self.shown_at is None

    def open(self, *, now: datetime) -> Self:
        return replace(self, shown_at=now)

    def review_by(self, account_id: str, opinion: Opinion, *, now: datetime) -> Review:
        """The sealed review of one side. Raises `NotFound` for others."""
        writer = self.writer(account_id)
        author, about = self.party(writer), self.party(writer.other)
        return Review(
            id=review_id(self.id, writer),
            job_id=self.id,
            booking_id=self.booking_id,
            writer=writer,
            author=author.account_id,
            author_name=author.name,
            about=about.id,
            about_account=about.account_id,
            about_name=about.name,
            hours=self.hours,
            opinion=opinion,
            written_at=now,
            state=State.HIDDEN if writer in self.removed else State.SEALED,
            frozen=writer in self.frozen,
            nth=self.nth,
        )


def review_id(job_id: str, writer: Writer) -> str:
    """The same for a job and a side, so that there is at most one."""
    return f"rvw_{job_id.partition('_')[2]}_{writer}"


EXCHANGES = DocumentType(
    "feedback_exchanges",
    Exchange,
    orders=(
        DocumentOrder("of_pair", equals=("client.id", "developer.id"), by=("closes_at",)),
        DocumentOrder(
            "of_client", equals=("client.account_id",), by=("closes_at",), descending=True
        ),
        DocumentOrder(
            "of_developer", equals=("developer.account_id",), by=("closes_at",), descending=True
        ),
    ),
)
REVIEWS = DocumentType(
    "feedback_reviews",
    Review,
    orders=(
        DocumentOrder("newest", equals=("about", "state"), by=("written_at",), descending=True),
        DocumentOrder("lowest", equals=("about", "state"), by=("opinion.rating", "written_at")),
        DocumentOrder("of_author", equals=("author",), by=("written_at",)),
        DocumentOrder("of_reviewed", equals=("about_account",), by=("written_at",)),
    ),
)
