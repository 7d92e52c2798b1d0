"""Reports of reviews: what is wrong with one, and threats with one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from plugins.api import Conflict, DocumentOrder, DocumentType, Unique, checked_text
from plugins.feedback.model import Writer

REASON_MAXIMUM = 2000
"""Characters."""


class AlreadyReported(Conflict):
    """You have reported this already. We are looking at it."""

    code = "review_already_reported"


class Kind(StrEnum):
    """The values are stored."""

    CONTENT = "content"
    """Something in the text."""
    THREAT = "threat"
    """Its author asks for something with a bad review as a threat: extortion."""


class Outcome(StrEnum):
    """What an administrator decided. The values are stored."""

    KEPT = "kept"
    """The review stays as it is, and counts."""
    REMOVED = "removed"
    """It is not shown and does not count; one that is still to be written never will."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report of the review that `writer` wrote, or will write, of a job. `reporter` and
    `closed_by` are account ids. `once` keeps a second open report of the same person away: it is
    empty while the report is open, and then its id. Times are in UTC."""

    id: str
    kind: Kind
    job_id: str
    booking_id: str
    writer: Writer
    reporter: str
    reason: str
    at: datetime
    closed_at: datetime | None = None
    closed_by: str = ""
    outcome: Outcome | None = None
    once: str = ""
    version: int = 0

    def close(self, outcome: Outcome, *, by: str, now: datetime) -> Self:
        return replace(self, outcome=outcome, closed_at=now, closed_by=by, once=self.id)


def checked_reason(text: str) -> str:
    """The reason as it is stored. Raises `Invalid`."""
    return checked_text(
        text,
        field="reason",
        maximum=REASON_MAXIMUM,
        lines=True,
        called="reason",
        empty="Tell us what is wrong.",
    )


REPORTS = DocumentType(
    "feedback_reports",
    Report,
    unique=(Unique(("job_id", "writer", "reporter", "once"), AlreadyReported),),
    orders=(
        DocumentOrder("open", equals=("closed_at",), by=("at",)),
        DocumentOrder("of_review", equals=("job_id", "writer", "closed_at"), by=("at",)),
        DocumentOrder("of_reporter", equals=("reporter",), by=("at",)),
    ),
)
