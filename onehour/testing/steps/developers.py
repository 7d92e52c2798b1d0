"""Developers with a published profile and free hours."""

from __future__ import annotations

from core.accounts import Role
from core.developers import Developer
from core.money import Money
from core.weekly_hours import Window
from onehour.testing.steps.accounts import AccountSteps

ALL_DAY = tuple(Window(day, 0, 24 * 60) for day in range(7))


class DeveloperSteps(AccountSteps):
    async def developer(
        self, name: str = "Lucía Fernández", rate: int = 240_000, **described: object
    ) -> Developer:
        """A published developer who is free all day, every day."""
        account = await self.account(Role.DEVELOPER, name)
        await self.services.developers.update_availability(
            by=account.id, timezone=account.timezone, weekly=ALL_DAY, notice_hours=4,
            horizon_days=60,
        )  # fmt: skip
        facts: dict[str, object] = {
            "headline": "Finds out why your database is slow",
            "bio": "",
            "skills": ("PostgreSQL", "Python"),
            "languages": ("English",),
            "revisions": 2,
        }
        return await self.services.developers.update_profile(
            by=account.id,
            rate=Money(rate),
            published=True,
            **{**facts, **described},  # type: ignore[arg-type]
        )
