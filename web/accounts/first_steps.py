"""What somebody new has done, and what comes next."""

from __future__ import annotations

from dataclasses import dataclass

from quart import url_for

from core.accounts import Account, Role
from web.shared.context import services


@dataclass(frozen=True, slots=True)
class Step:
    words: str
    why: str
    done: bool
    address: str
    verb: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """One role's first steps, in their order."""

    title: str
    goal: str
    steps: tuple[Step, ...]

    @property
    def next_step(self) -> Step | None:
        return next((step for step in self.steps if not step.done), None)


async def first_steps(account: Account) -> list[Checklist]:
    checklists = []
    if Role.CLIENT in account.roles:
        checklists.append(await _of_client(account))
    if Role.DEVELOPER in account.roles:
        checklists.append(await _of_developer(account))
    return checklists


async def _of_client(account: Account) -> Checklist:
    booked, _ = await services().bookings.of_account(by=account.id, limit=1)
    search = url_for("developers.index")
    return Checklist(
        "Book your first hour",
        "You pay when you book. The payment provider holds the money until you approve the work.",
        (
            Step("Confirm your address", "So that we can tell you what happens.", True, "", ""),
            Step(
                "Find a developer and pick a time",
                "Compare skills, price and the next free hours; all times are shown in your zone.",
                bool(booked), search, "Find developers",
            ),
        ),
    )  # fmt: skip


async def _of_developer(account: Account) -> Checklist:
    profile = await services().developers.own_profile(by=account.id)
    described = bool(profile.headline and profile.skills and profile.rate)
    edit, hours = url_for("developers.edit"), url_for("developers.hours")
    return Checklist(
        "Publish your profile",
        "Clients find you once it is published. A request reaches you only after it is paid.",
        (
            Step("Confirm your address", "So that no request is missed.", True, "", ""),
            Step(
                "Say what you do",
                "A headline, your skills and your price per hour.",
                described, edit, "Describe yourself",
            ),
            Step(
                "Offer your hours",
                "Your week in your own zone. What is booked is taken out by itself.",
                bool(profile.availability.weekly), hours, "Set your hours",
            ),
            Step(
                "Publish",
                "You can take the profile back at any time.",
                profile.published, edit, "Publish the profile",
            ),
        ),
    )  # fmt: skip
