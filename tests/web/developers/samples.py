"""Profiles and weekly hours of developers, and the first step of a booking from a profile."""

from __future__ import annotations

from datetime import date, timedelta

from core.calendar_exceptions import CalendarException, ExceptionKind
from tests.app import MONDAY
from tests.web.every_role import SiteWithEveryRole
from tests.web.route_samples import NO_BODY, PathVariable, RouteSamples, Sent

START = (MONDAY + timedelta(days=12)).isoformat()
NO_DEVELOPER = f"dev_{'9' * 26}"
HOURS: Sent = {
    "timezone": "Asia/Kolkata", "weekly": [{"day": 0, "start": "09:00", "end": "17:00"}],
}  # fmt: skip
DAY_OFF: Sent = {"kind": "days_off", "from": "2026-12-24"}
HOURS_FORM: Sent = {
    "timezone": "Asia/Kolkata", "from-0-0": "09:00", "to-0-0": "17:00", "notice": "4",
    "horizon": "60",
}  # fmt: skip
PROFILE: Sent = {
    "headline": "Finds slow queries", "bio": "", "skills": ["Python"], "languages": ["English"],
    "rate": {"amount": 240_000, "currency": "INR"},
}  # fmt: skip
PROFILE_FORM: Sent = {
    "headline": "Finds slow queries", "skills": "Python", "languages": "English", "rate": "2400",
    "revisions": "2", "published": "yes",
}  # fmt: skip


async def prepare(site: SiteWithEveryRole) -> None:
    """Each developer has a day off of their own."""
    for number, name in enumerate(("dev", "dev2"), start=1):
        day = date(2027, 1, number)
        off = CalendarException(ExceptionKind.DAYS_OFF, day, day)
        account = site.people[name].account
        assert account
        await site.app.services.developers.add_exception(off, by=account.id)
        site.people[name].own["exception_id"] = off.id


SAMPLES = RouteSamples(
    bodies={
        "developers.describe": {"form": PROFILE_FORM},
        "hours.save": {"form": HOURS_FORM},
        "api_developers.change": {"json": PROFILE},
        "api_availability.change": {"json": HOURS},
        "api_availability.add_exception": {"json": DAY_OFF},
        "api_availability.remove_exception": NO_BODY,
    },
    variables={
        "developer_id": PathVariable(
            example=lambda site: site.developer_id,
            own=lambda person, booking: person.own.get("developer_id"),
            foreign_to=lambda name: "dev2" if name != "dev2" else "dev",
            hidden=lambda site: site.facts["draft"],
            absent=NO_DEVELOPER,
        ),
        "exception_id": PathVariable(
            example=lambda site: "off_20270101_20270101",
            own=lambda person, booking: person.own.get("exception_id"),
            foreign_to=lambda name: "dev2" if name != "dev2" else "dev",
            absent="off_20270109_20270109",
        ),
    },
    prepare=prepare,
    events={"slots:watch": {"developer": NO_DEVELOPER}},
)
