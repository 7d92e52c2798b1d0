"""The form of the preferences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.notice_preferences import NoticePreferences, QuietHours
from services.notifications import GroupChoices
from web.shared.context import services
from web.shared.forms import FormFields

EVENING, MORNING = "22:00", "07:30"
"""The quiet hours that are proposed."""
CLOCKS = tuple(f"{half // 2:02d}:{half % 2 * 30:02d}" for half in range(48))


def field(group: str, channel: str) -> str:
    """The name of a checkbox."""
    return f"{group}-{channel}"


def fields_of(preferences: NoticePreferences) -> FormFields:
    """The form as it is stored."""
    quiet = preferences.quiet
    form = {
        "quiet_start": quiet.start if quiet else EVENING,
        "quiet_end": quiet.end if quiet else MORNING,
    }
    if quiet:
        form["quiet"] = "on"
    for row in services().notice_preferences.choices(preferences):
        form |= {field(row.group.name, each.channel): "on" for each in row.choices if each.on}
    return form


def chosen(form: FormFields) -> Mapping[tuple[str, str], bool]:
    """The choices that can be made; an unchecked box is not sent."""
    return {
        (row.group.name, each.channel): field(row.group.name, each.channel) in form
        for row in rows()
        for each in row.choices
        if not each.always
    }


def quiet_hours(form: FormFields) -> QuietHours | None:
    """None if they are turned off. Raises `Invalid`."""
    if "quiet" not in form:
        return None
    return QuietHours(form.get("quiet_start", ""), form.get("quiet_end", ""))


def rows() -> Sequence[GroupChoices]:
    """All groups with their channels."""
    return services().notice_preferences.choices(NoticePreferences(""))


def clocks(*stored: str) -> Sequence[str]:
    """The half hours of a day, and times that a program has stored."""
    return sorted({*CLOCKS, *(each for each in stored if len(each) == 5)})
