"""The numbers about one profile, kept with each change of a review that counts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from plugins.api import DocumentType, Rating
from plugins.feedback.model import ASPECTS, NOT_RATED, STARS, Aspect, Review, Writer

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Month:
    """How many were written in a month of UTC; `number` counts months since the year 0."""

    number: int
    count: int


def month_of(moment: datetime) -> int:
    return moment.year * MONTHS + moment.month - 1


@dataclass(frozen=True, slots=True)
class Summary:
    """The reviews that count, of the profile with this id. `stars` is how many gave 1, 2, 3, 4 and
    5 stars; `aspect_sums` and `aspect_counts` are the sum of the stars of each aspect, and how many
    rated it; `months` are those in which reviews were written, in order."""

    id: str
    stars: tuple[int, ...] = (0,) * len(STARS)
    aspect_sums: tuple[int, ...] = NOT_RATED
    aspect_counts: tuple[int, ...] = NOT_RATED
    months: tuple[Month, ...] = ()
    version: int = 0

    @classmethod
    def of(cls, profile_id: str, reviews: Iterable[Review]) -> Self:
        """Computed anew from rows."""
        made = cls(profile_id)
        for review in reviews:
            if review.counts and review.about == profile_id:
                made = made.changed(review, 1)
        return made

    @property
    def count(self) -> int:
        return sum(self.stars)

    @property
    def hundredths(self) -> int:
        """The average in hundredths of a star, rounded half up; 0 without a review."""
        total = sum(stars * count for stars, count in zip(STARS, self.stars, strict=True))
        return (200 * total + self.count) // (2 * self.count) if self.count else 0

    @property
    def rating(self) -> Rating:
        return Rating(self.hundredths, self.count)

    def aspects(self, writer: Writer) -> tuple[tuple[Aspect, float], ...]:
        """The average of each aspect in stars, as the reviews of that side rate it. Those that
        nobody rated are left out."""
        rated = zip(ASPECTS[writer], self.aspect_sums, self.aspect_counts, strict=True)
        return tuple((aspect, total / count) for aspect, total, count in rated if count)

    def recent(self, *, now: datetime) -> int:
        """How many were written in this month and the eleven before."""
        first = month_of(now) - MONTHS + 1
        return sum(each.count for each in self.months if each.number >= first)

    def changed(self, review: Review, by: int) -> Self:
        """With the review counted once more (1) or once less (-1)."""
        opinion = review.opinion
        return replace(
            self,
            stars=tuple(
                count + by * (stars == opinion.rating)
                for stars, count in zip(STARS, self.stars, strict=True)
            ),
            aspect_sums=tuple(
                total + by * stars
                for total, stars in zip(self.aspect_sums, opinion.aspects, strict=True)
            ),
            aspect_counts=tuple(
                count + by * bool(stars)
                for count, stars in zip(self.aspect_counts, opinion.aspects, strict=True)
            ),
            months=self._months(month_of(review.written_at), by),
        )

    def _months(self, number: int, by: int) -> tuple[Month, ...]:
        counts = {each.number: each.count for each in self.months}
        counts[number] = counts.get(number, 0) + by
        return tuple(Month(each, count) for each, count in sorted(counts.items()) if count)


SUMMARIES = DocumentType("feedback_summaries", Summary)
