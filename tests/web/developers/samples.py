"""Profiles and weekly hours of developers, and the first step of a booking from a profile."""

from __future__ import annotations

from datetime import timedelta

from tests.app import MONDAY
from tests.web.route_samples import PathVariable, RouteSamples, Sent

START = (MONDAY + timedelta(days=12)).isoformat()
NO_DEVELOPER = f"dev_{'9' * 26}"
HOURS: Sent = {
    "timezone": "Asia/Kolkata", "weekly": [{"day": 0, "start": "09:00", "end": "17:00"}],
}  # fmt: skip
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

SAMPLES = RouteSamples(
    bodies={
        "developers.describe": {"form": PROFILE_FORM},
        "developers.offer": {"form": HOURS_FORM},
        "api_developers.describe": {"json": PROFILE},
        "api_developers.offer": {"json": HOURS},
    },
    variables={
        "developer_id": PathVariable(
            example=lambda site: site.developer_id,
            own=lambda person, booking: person.own.get("developer_id"),
            foreign_to=lambda name: "dev2" if name != "dev2" else "dev",
            hidden=lambda site: site.facts["draft"],
            absent=NO_DEVELOPER,
        )
    },
    events={"slots:watch": {"developer": NO_DEVELOPER}},
)
