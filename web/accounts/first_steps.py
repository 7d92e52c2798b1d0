"""The first steps of a new account."""

from __future__ import annotations

from dataclasses import dataclass

from quart import url_for

from core.accounts import Account, Role
from web.shared.context import services


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its title, the reason for it, and a link with the label `verb`."""

    words: str
    why: str
    done: bool
    address: str
    verb: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """The first steps of one role, in order."""

    title: str
    goal: str
    steps: tuple[Step, ...]

    @property
    def next_step(self) -> Step | None:
        return next((step for step in self.steps if not step.done), None)


async def first_steps(account: Account) -> list[Checklist]:
    """One checklist for each role of the account, client first."""
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
            Step("Confirm your address", "So that our notices reach you.", True, "", ""),
            Step(
                "Find a developer and select a time",
                "Compare skills, prices and free hours. All times are shown in your zone.",
                bool(booked), search, "Find developers",
            ),
        ),
    )  # fmt: skip


async def _of_developer(account: Account) -> Checklist:
    profile = await services().developers.own_profile(by=account.id)
    described = bool(profile.headline and profile.skills and profile.rate)
    edit, hours = url_for("developers.edit"), url_for("hours.show")
    return Checklist(
        "Publish your profile",
        "Clients can find you once it is published. You only receive paid requests.",
        (
            Step("Confirm your address", "So that no request is missed.", True, "", ""),
            Step(
                "Complete your profile",
                "A headline, your skills and your price per hour.",
                described, edit, "Edit profile",
            ),
            Step(
                "Offer your hours",
                "Your weekly hours, in your own zone. Booked hours are excluded automatically.",
                bool(profile.availability.weekly), hours, "Set hours",
            ),
            Step(
                "Publish",
                "You can unpublish the profile at any time.",
                profile.published, edit, "Publish profile",
            ),
        ),
    )  # fmt: skip
