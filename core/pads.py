"""The shared pad of a booking: one text that its two parties write at the same time.

The text is a Yjs document. What is stored is a list of changes without gaps, and now and then a
state that stands for the first of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from core.bookings import Booking, BookingId
from core.calls import Window, has_room
from core.calls_policy import CallPolicy
from core.errors import Conflict, Forbidden, Invalid

HISTORY_MAXIMUM = 400_000
"""Bytes that a pad may need beside its text: where deleted text was, and in which order texts were
written. An hour of typing needs about a tenth of that."""
CHANGE_MAXIMUM = 600_000
"""Bytes of one change: the whole text, pasted or written without a connection."""
LANGUAGES = {
    "text": ("Plain text", "txt"),
    "c": ("C", "c"),
    "cpp": ("C++", "cpp"),
    "csharp": ("C#", "cs"),
    "css": ("CSS", "css"),
    "go": ("Go", "go"),
    "html": ("HTML", "html"),
    "java": ("Java", "java"),
    "javascript": ("JavaScript", "js"),
    "json": ("JSON", "json"),
    "kotlin": ("Kotlin", "kt"),
    "markdown": ("Markdown", "md"),
    "php": ("PHP", "php"),
    "python": ("Python", "py"),
    "ruby": ("Ruby", "rb"),
    "rust": ("Rust", "rs"),
    "shell": ("Shell", "sh"),
    "sql": ("SQL", "sql"),
    "swift": ("Swift", "swift"),
    "typescript": ("TypeScript", "ts"),
    "yaml": ("YAML", "yml"),
}
"""The languages of a pad: their names, and the endings of their files."""
PLAIN = "text"


class PadClosed(Conflict):
    """The pad of this booking can no longer be changed."""

    code = "pad_closed"


class PadFull(Conflict):
    """The pad is full. Delete some of it: then what you have written is stored."""

    code = "pad_full"


class PadWornOut(Conflict):
    """The pad has been changed too often. Copy the text, and go on in the chat."""

    code = "pad_worn_out"


class MalformedChange(Invalid):
    """This is no change of a text. Load the page again."""

    code = "malformed_change"


class MissingChanges(Conflict):
    """This change follows others that are not here."""

    code = "missing_changes"


class TooManyChanges(Forbidden):
    """This is too much at once. Wait a moment."""

    code = "too_many_changes"


def is_editable(booking: Booking, *, now: datetime, policy: CallPolicy) -> bool:
    """From the confirmation until the room of the call closes: code can be prepared before the
    meeting, and the end of what both saw cannot be changed later by one of them."""
    return has_room(booking) and now < Window.of(booking, policy).closes_at


def check_editable(booking: Booking, *, now: datetime, policy: CallPolicy) -> None:
    """Raises `PadClosed` with the reason."""
    if not has_room(booking):
        raise PadClosed("This booking has no meeting: it is not confirmed, or it was cancelled.")
    if not is_editable(booking, now=now, policy=policy):
        raise PadClosed("The meeting is over. Its pad can be read, but no longer changed.")


def check_size(*, text: int, state: int, text_before: int, state_before: int, most: int) -> None:
    """Bytes of the text and of its state, after a change and before it. A change that makes a pad
    smaller is always accepted. Raises `PadFull` and `PadWornOut`."""
    if text > most and text >= text_before:
        over = text - most
        raise PadFull(
            f"The pad is full: it holds {most // 1000} kB. Delete about {over:,} characters: then "
            "what you have written is stored."
        )
    if state > most + HISTORY_MAXIMUM and state >= state_before:
        raise PadWornOut


@dataclass(frozen=True, slots=True)
class Pad:
    """The pad of a booking; `id` is the id of the booking. `seq` is the number of its newest
    change, and `text` what all of them make."""

    id: BookingId
    changed_at: datetime
    seq: int = 0
    text: str = ""
    language: str = PLAIN
    version: int = 0

    @property
    def size(self) -> int:
        """Bytes of the text in UTF-8."""
        return len(self.text.encode())

    def changed(self, text: str, *, now: datetime) -> Self:
        """With one more change, which makes this text."""
        return replace(self, seq=self.seq + 1, text=text, changed_at=max(now, self.changed_at))

    def in_language(self, language: str, *, now: datetime) -> Self:
        """Raises `Invalid` for one that pads do not have."""
        if language not in LANGUAGES:
            raise Invalid(language="Pads do not have this language.")
        return replace(self, language=language, changed_at=max(now, self.changed_at))


@dataclass(frozen=True, slots=True)
class PadChange:
    """The change `seq` of a pad, in the update format of Yjs (version 1)."""

    booking_id: BookingId
    seq: int
    change: bytes
    id: str = ""
    version: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "id", change_id(self.booking_id, self.seq))


@dataclass(frozen=True, slots=True)
class PadState:
    """All changes of a pad up to `seq` in one; `id` is the id of the booking."""

    id: BookingId
    seq: int
    state: bytes
    version: int = 0


def change_id(booking: BookingId, seq: int) -> str:
    """One id for each number, so that no number is used twice."""
    return f"{booking}:{seq}"


def file_name(booking: Booking, language: str) -> str:
    """The name under which the text is downloaded."""
    return f"pad-{booking.number}.{LANGUAGES[language][1]}"
