"""Developer profiles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, NewType, Self

from core.availability import Availability
from core.errors import Conflict, Errors, Invalid
from core.folding import folded
from core.money import Money
from core.outbox import Payload
from core.text import checked_text
from core.vocabulary import VOCABULARY

DeveloperId = NewType("DeveloperId", str)

HEADLINE_MAXIMUM = 120
BIO_MAXIMUM = 4000
TERM_MAXIMUM = 40
"""Characters; `TERM_MAXIMUM` of one skill or language."""
SKILLS_MAXIMUM, LANGUAGES_MAXIMUM = 15, 10


class NotPublished(Conflict):
    """This profile cannot be published yet."""

    code = "profile_incomplete"


@dataclass(frozen=True, slots=True)
class Rating:
    """The average rating in hundredths of a star, and the number of ratings."""

    hundredths: int = 0
    count: int = 0

    @property
    def average(self) -> float:
        """In stars."""
        return self.hundredths / 100


@dataclass(frozen=True, slots=True)
class Developer:
    """A developer profile. `rate` is the price per hour; `next_times` are the next free start times
    in UTC, updated after each change and when the first has passed; `avatar` is the URL path of a
    picture."""

    id: DeveloperId
    account_id: str
    name: str
    availability: Availability
    headline: str = ""
    bio: str = ""
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    rate: Money = Money(0)  # noqa: RUF009 - Money is frozen
    revisions: int = 2
    published: bool = False
    avatar: str | None = None
    rating: Rating = Rating()
    next_times: tuple[datetime, ...] = ()
    version: int = 0

    @property
    def timezone(self) -> str:
        return self.availability.timezone

    def upcoming(self, *, now: datetime) -> tuple[datetime, ...]:
        """The stored next free start times that can still be booked at `now`."""
        return tuple(t for t in self.next_times if t >= now + self.availability.minimum_notice)

    @property
    def outdated_from(self) -> datetime | None:
        """The last moment at which the first stored time can be booked; None without one."""
        if not self.published or not self.next_times:
            return None
        return self.next_times[0] - self.availability.minimum_notice

    @property
    def missing(self) -> tuple[str, ...]:
        """What must be added before the profile can be published, for the error message."""
        wanted = {
            "a headline": self.headline,
            "at least one skill": self.skills,
            "a price per hour": self.rate,
            "weekly hours": self.availability.weekly,
        }
        return tuple(name for name, value in wanted.items() if not value)

    def publish(self) -> Self:
        """Make the profile public. Raises `NotPublished` if something is missing."""
        if self.missing:
            raise NotPublished(f"Before you publish, add {' and '.join(self.missing)}.")
        return replace(self, published=True)

    def describe(
        self,
        *,
        headline: str,
        bio: str,
        skills: tuple[str, ...],
        languages: tuple[str, ...],
        rate: Money,
        revisions: int,
    ) -> Self:
        """The profile with these values, as they are stored (`core/text.py`). Stored texts may be
        sent again, also if they were accepted by earlier rules. Raises `Invalid` with all fields
        that are not valid."""
        errors = Errors()
        with errors:
            headline = headline if headline == self.headline else checked_headline(headline)
        with errors:
            bio = bio if bio == self.bio else checked_bio(bio)
        with errors:
            skills = skills if skills == self.skills else checked_skills(skills)
        with errors:
            languages = languages if languages == self.languages else checked_languages(languages)
        if not 100 <= rate.amount <= 10_000_000:
            errors.add(rate="Set a price between ₹1.00 and ₹1,00,000.00 per hour.")
        if not 0 <= revisions <= 10:
            errors.add(revisions="Offer between 0 and 10 rounds of changes.")
        errors.check()
        return replace(
            self,
            headline=headline,
            bio=bio,
            skills=skills,
            languages=languages,
            rate=rate,
            revisions=revisions,
        )


def checked_headline(headline: str) -> str:
    """One line, as it is stored (`core/text.py`). Raises `Invalid`."""
    return checked_text(headline, field="headline", maximum=HEADLINE_MAXIMUM, called="headline")


def checked_bio(bio: str) -> str:
    """A text of several lines, as it is stored (`core/text.py`). Raises `Invalid`."""
    return checked_text(bio, field="bio", maximum=BIO_MAXIMUM, lines=True)


def checked_skills(skills: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, with single spaces, in the given order. Raises `Invalid`."""
    return _checked_terms(
        skills, field="skills", key=VOCABULARY.skill_key, called="skill", most=SKILLS_MAXIMUM
    )


def checked_languages(languages: tuple[str, ...]) -> tuple[str, ...]:
    """Each once, with single spaces, in the given order. Raises `Invalid`."""
    return _checked_terms(
        languages, field="languages", key=folded, called="language", most=LANGUAGES_MAXIMUM
    )


def _checked_terms(
    terms: tuple[str, ...], *, field: str, key: Callable[[str], str], called: str, most: int
) -> tuple[str, ...]:
    """`key` makes the form for comparison."""
    unique: dict[str, str] = {}
    for term in terms:
        checked = checked_text(term, field=field, maximum=TERM_MAXIMUM, called=called)
        if checked:
            unique.setdefault(key(checked), " ".join(checked.split()))
    if len(unique) > most:
        raise Invalid(**{field: f"Choose at most {most}."})
    return tuple(unique.values())


@dataclass(frozen=True, slots=True)
class RefreshNextTimes(Payload):
    """Update the stored next free start times of a profile."""

    kind: ClassVar[str] = "developers.refresh"
    developer: DeveloperId
