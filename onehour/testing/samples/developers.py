"""Profiles of developers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from core.availability import Availability
from core.calendar_exceptions import CalendarException, ExceptionKind
from core.developers import Developer, DeveloperId, Rating
from core.money import Money
from core.policy import DAY, HOUR
from core.weekly_hours import Window
from onehour.testing.samples.sample import Sample

START = datetime(2026, 3, 9, 4, 30, tzinfo=UTC)
"""An hour that somebody may book."""

AWAY = (
    CalendarException(ExceptionKind.DAYS_OFF, date(2026, 12, 24), date(2026, 12, 31)),
    CalendarException(ExceptionKind.EXTRA_HOURS, date(2027, 1, 9), date(2027, 1, 9), 600, 840),
)


def a_developer(number: int = 1, **changes: Any) -> Developer:
    values: dict[str, Any] = {
        "id": DeveloperId(f"dev_{number:04d}"),
        "account_id": f"acc_{number}",
        "name": "Asha Nair",
        "availability": Availability(
            "Asia/Kolkata", (Window(0, 540, 1020), Window(6, 0, 1440)), 6 * HOUR, 30 * DAY, AWAY
        ),
        "headline": "Makes databases quick",
        "bio": "Ten years of PostgreSQL.",
        "skills": ("Python", "PostgreSQL"),
        "languages": ("English", "Malayalam"),
        "rate": Money(150_000),
        "revisions": 3,
        "published": True,
        "avatar": "avatars/1.webp",
        "rating": Rating(470, 31),
        "next_times": (START, START + HOUR),
    }
    return Developer(**{**values, **changes})


SAMPLES = (
    Sample(
        "developers",
        a_developer(),
        lambda repositories: repositories.developers.add(a_developer()),
        lambda repositories: repositories.developers.get(a_developer().id),
    ),
    Sample(
        "skill_words",
        ("cobol",),
        lambda repositories: repositories.developers.add(a_developer(skills=("COBOL",))),
        lambda repositories: repositories.developers.skill_words("cob", limit=5),
    ),
)
