"""The form of a draft: from its fields to a segment and words, and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from plugins.api import Errors, Invalid, Role
from plugins.campaigns.consents import Topic
from plugins.campaigns.model import Campaign, Segment, Since, Target, Words

E = TypeVar("E", bound=StrEnum)
Fields = Mapping[str, str]

SINCE_LABELS = {
    Since.ANY: "At any time, or never",
    Since.LONG_AGO: "More than 60 days ago",
    Since.RECENT: "In the last 60 days",
    Since.NEVER: "Never",
}
ROLE_LABELS = {Role.CLIENT: "Clients", Role.DEVELOPER: "Developers"}
TARGET_LABELS = {
    Target.NONE: "Nowhere: no button",
    Target.DEVELOPER: "The developer’s profile",
    Target.DEVELOPERS: "All developers",
    Target.DASHBOARD: "The dashboard",
    Target.HOME: "The home page",
}
FIELD_LABELS = {
    "name": "Name",
    "subject": "Subject",
    "line": "Line after the subject",
    "text": "Text",
    "button": "Button",
    "day": "Day",
    "starts_at": "Day",
    "rate": "Speed",
}
"""By the names that errors have."""
RATES = (60, 200, 600, 1_000, 3_600)


def segment_of(form: Fields) -> Segment:
    """Raises `Invalid`."""
    errors = Errors()
    with errors:
        role = _choice(Role, form, "role", Role.CLIENT)
        if role not in ROLE_LABELS:
            raise Invalid(role="Choose clients or developers.")
    with errors:
        since = _choice(Since, form, "since", Since.ANY)
    errors.check()
    return Segment(
        role=role,
        since=since,
        skill=form.get("skill", "").strip()[:60],
        zone=form.get("zone", "").strip()[:60],
        language=form.get("language", "").strip()[:20],
    )


def topic_of(form: Fields) -> Topic:
    return _choice(Topic, form, "topic", Topic.NEWS)


def words_of(form: Fields) -> Words:
    return Words(
        subject=form.get("subject", ""),
        line=form.get("line", ""),
        text=form.get("text", ""),
        button=form.get("button", ""),
        target=_choice(Target, form, "target", Target.NONE),
    )


def fields_of(campaign: Campaign) -> dict[str, str]:
    """What the form of a stored draft shows."""
    segment = {k: str(v) for k, v in asdict(campaign.segment).items()}
    words = {k: str(v) for k, v in asdict(campaign.words).items()}
    return {"name": campaign.name, "topic": campaign.topic, **segment, **words}


def start_of(form: Fields, zone: str) -> datetime | None:
    """The day and the time of the form on the clocks of `zone`, in UTC; None for at once. Raises
    `Invalid`."""
    day, clock = form.get("day", "").strip(), form.get("clock", "").strip()
    if not day:
        return None
    try:
        moment = datetime.combine(date.fromisoformat(day), time.fromisoformat(clock or "10:00"))
    except ValueError as error:
        raise Invalid(day="Choose a day and a time, such as 10:00.") from error
    if not 2000 <= moment.year <= 2100:
        raise Invalid(day="Choose a day within the next 90 days.")
    return moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def rate_of(form: Fields) -> int:
    """Raises `Invalid`."""
    text = form.get("rate", "200").strip()
    if not (text.isascii() and text.isdecimal() and len(text) < 7):
        raise Invalid(rate="Enter a whole number of mails an hour.")
    return int(text)


def _choice(kind: type[E], form: Fields, name: str, otherwise: E) -> E:
    try:
        return kind(form[name]) if name in form else otherwise
    except ValueError as error:
        raise Invalid(**{name: "Choose one of the list."}) from error
