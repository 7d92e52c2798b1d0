"""The parts of a dispute: reasons, wishes, statements, evidence, offers, and its settlement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import NewType, Self

from core.errors import Errors, Invalid
from core.money import Money
from core.text import checked_text
from core.timeline import Actor

OfferId = NewType("OfferId", str)

TEXT_MAXIMUM = 8000
NOTE_MAXIMUM = 1000
REASON_MAXIMUM = 4000
"""Characters: of a statement or a piece of evidence, of a note of an offer, of a decision."""


class Reason(StrEnum):
    """Why a dispute was opened. The values are stored. Two are not chosen. `CANCELLATION`: the
    client cancels after a delivery, and the developer may contest it. `NO_SHOW`: a side says that
    the other one did not come to the meeting (core/no_shows.py)."""

    NOT_AS_AGREED = "not_as_agreed"
    NO_CONTACT = "no_contact"
    OTHER = "other"
    CANCELLATION = "cancellation"
    NO_SHOW = "no_show"


CHOSEN = tuple(each for each in Reason if each not in (Reason.CANCELLATION, Reason.NO_SHOW))
"""The reasons that people choose from."""


class WishKind(StrEnum):
    """What a side wants. The values are stored. `NOTHING_BACK` is for an answer."""

    ALL = "all"
    PART = "part"
    NOTHING_BACK = "nothing"
    CHANGES = "changes"
    OTHER = "other"


class OfferState(StrEnum):
    WAITING = "waiting"
    REPLACED = "replaced"
    ACCEPTED = "accepted"
    LAPSED = "lapsed"


class How(StrEnum):
    """How a dispute was settled. The values are stored."""

    AGREED = "agreed"
    DECIDED = "decided"
    UNCONTESTED = "uncontested"
    NOT_ANSWERED = "not_answered"
    TIME_OVER = "time_over"


@dataclass(frozen=True, slots=True)
class Wish:
    """What a side wants: `amount` goes back to the client. It is set for `ALL`, `PART` and
    `NOTHING_BACK`, and None for the others."""

    kind: WishKind
    amount: Money | None = None

    @classmethod
    def of(cls, kind: WishKind, amount: Money | None, *, held: Money) -> Self:
        """The wish with its amount. Raises `Invalid` with the field `refund` for a part that is
        missing or more than the money that is held."""
        match kind:
            case WishKind.ALL:
                return cls(kind, held)
            case WishKind.NOTHING_BACK:
                return cls(kind, held * 0)
            case WishKind.PART:
                if amount is None:
                    raise Invalid(refund="Enter the amount that should go back.")
                return cls(kind, checked_refund(amount, held=held))
            case _:
                return cls(kind)


@dataclass(frozen=True, slots=True)
class Statement:
    """What one side says. Each side has one, which is not changed afterwards. `files` are ids of
    stored files that show it."""

    by: Actor
    at: datetime
    text: str
    wish: Wish
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Added by a side, or as a question by an administrator. `files` are ids of stored files.
    Never changed or removed."""

    by: Actor
    at: datetime
    text: str
    files: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Offer:
    """A split one side proposes: `refund` goes back to the client, the rest to the developer, less
    the fee."""

    id: OfferId
    by: Actor
    at: datetime
    refund: Money
    note: str = ""
    state: OfferState = OfferState.WAITING

    def ends_as(self, state: OfferState) -> Self:
        """Without effect unless it waits."""
        return replace(self, state=state) if self.state is OfferState.WAITING else self


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end of a dispute. `by` is who caused it: the side that accepted, an administrator, or a
    deadline. Both sides read `reason`."""

    refund: Money
    how: How
    by: Actor
    at: datetime
    reason: str


def checked_refund(amount: Money, *, held: Money) -> Money:
    """An amount between nothing and all that is held. Raises `Invalid`."""
    if amount.currency != held.currency or not 0 <= amount.amount <= held.amount:
        raise Invalid(refund="The amount must be between nothing and all that is held.")
    return amount


def checked_split(refund: Money, text: str, *, held: Money, check: Callable[[str], str]) -> str:
    """The text that goes with a split of the money that is held, as `check` makes it. Raises
    `Invalid` with all wrong fields."""
    errors = Errors()
    with errors:
        checked_refund(refund, held=held)
    with errors:
        checked = check(text)
    errors.check()
    return checked


def checked_statement(text: str, *, field: str = "text") -> str:
    """What a side says, as it is stored (`core/text.py`). Raises `Invalid`."""
    return checked_text(
        text, field=field, maximum=TEXT_MAXIMUM, lines=True,
        empty="Say in a few sentences what happened.",
    )  # fmt: skip


def checked_offer_note(text: str) -> str:
    """The optional sentence of an offer. Raises `Invalid`."""
    return checked_text(text, field="note", maximum=NOTE_MAXIMUM, lines=True, called="note")


def checked_decision(text: str) -> str:
    """The reason of a decision, which both sides read. Raises `Invalid`."""
    return checked_text(
        text, field="reason", maximum=REASON_MAXIMUM, lines=True, called="reason",
        empty="Write the reason. Both sides read it.",
    )  # fmt: skip
