"""What the plugin says to itself later."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from plugins.api import Payload


@dataclass(frozen=True, slots=True)
class InviteToReview(Payload):
    """The time to write about this job begins: ask both sides."""

    kind: ClassVar[str] = "feedback.invite"
    exchange: str


@dataclass(frozen=True, slots=True)
class ShowReviews(Payload):
    """The time to write about this job is over: what is written is shown."""

    kind: ClassVar[str] = "feedback.show"
    exchange: str


@dataclass(frozen=True, slots=True)
class RemindToReview(Payload):
    """Remind the sides that have not written about this job."""

    kind: ClassVar[str] = "feedback.remind"
    exchange: str
