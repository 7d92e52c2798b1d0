"""Who agreed to which mails, when, to which words, and who withdrew."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

from plugins.api import DocumentOrder, DocumentType


class Topic(StrEnum):
    """What a campaign is about, and what people agree to one by one. The values are stored."""

    AGAIN = "again"
    NEWS = "news"


TOPICS: dict[Topic, str] = {
    Topic.AGAIN: "When a developer I know is free again",
    Topic.NEWS: "News and offers of the site",
}
CLICKS = "Count my clicks, to see what helps"
CHANGES_KEPT = 50


class ConsentState(StrEnum):
    GIVEN = "given"
    WITHDRAWN = "withdrawn"


class Way(StrEnum):
    """Where a consent was changed."""

    PAGE = "page"
    """On a page of the site, logged in."""
    LINK = "link"
    """On the page behind a link of a mail."""
    BUTTON = "button"
    """By the button of a mail program (RFC 8058)."""
    COMPLAINT = "complaint"
    """Reported to their mail provider as unwanted."""


@dataclass(frozen=True, slots=True)
class ConsentChange:
    """One entry of the record: to what the person agreed from then on, and the words beside each
    choice; no topics for a withdrawal."""

    at: datetime
    way: Way
    topics: tuple[Topic, ...]
    clicks: bool
    wording: str


@dataclass(frozen=True, slots=True)
class Consent:
    """What one person agreed to; `id` is that of the account. `clicks`: clicks may be counted.
    `language` is that of the words, such as 'en-IN'. `given_at` is when the present consent was
    given, or the last one; `changes` are the last `CHANGES_KEPT`, oldest first."""

    id: str
    state: ConsentState
    topics: tuple[Topic, ...]
    clicks: bool
    language: str
    given_at: datetime
    changes: tuple[ConsentChange, ...] = ()
    version: int = 0

    def allows(self, topic: Topic) -> bool:
        return self.state is ConsentState.GIVEN and topic in self.topics

    def choose(self, topics: Iterable[Topic], *, clicks: bool, at: datetime, way: Way) -> Self:
        """With exactly these choices; without topics it is withdrawn."""
        chosen = tuple(topic for topic in Topic if topic in set(topics))
        clicks = clicks and bool(chosen)
        change = ConsentChange(at, way, chosen, clicks, _wording(chosen, clicks=clicks))
        return replace(
            self,
            state=ConsentState.GIVEN if chosen else ConsentState.WITHDRAWN,
            topics=chosen,
            clicks=clicks,
            given_at=at if chosen else self.given_at,
            changes=(*self.changes, change)[-CHANGES_KEPT:],
        )


def no_consent(account: str, *, language: str, at: datetime) -> Consent:
    return Consent(account, ConsentState.WITHDRAWN, (), False, language, at)


def _wording(topics: Iterable[Topic], *, clicks: bool) -> str:
    """The words beside the choices, as the person saw them."""
    return "; ".join([*(TOPICS[topic] for topic in topics), *([CLICKS] if clicks else [])])


CONSENTS = DocumentType(
    "campaigns_consents",
    Consent,
    orders=(DocumentOrder("given", equals=("state",), by=("given_at",)),),
)
