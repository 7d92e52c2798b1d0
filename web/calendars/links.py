"""Links that add a meeting to the calendars of others."""

from __future__ import annotations

from urllib.parse import urlencode

from core.calendars import CalendarEntry

GOOGLE = "https://calendar.google.com/calendar/render"
OUTLOOK = "https://outlook.live.com/calendar/0/deeplink/compose"
LONGEST = 1000
"""Characters of a description in an address; some servers refuse long ones."""


def google(entry: CalendarEntry) -> str:
    start, end = (f"{moment:%Y%m%dT%H%M%SZ}" for moment in (entry.start, entry.end))
    fields = {
        "action": "TEMPLATE",
        "text": entry.summary,
        "dates": f"{start}/{end}",
        "details": entry.description[:LONGEST],
        "location": entry.place,
    }
    return f"{GOOGLE}?{urlencode(fields)}"


def outlook(entry: CalendarEntry) -> str:
    fields = {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "subject": entry.summary,
        "startdt": f"{entry.start:%Y-%m-%dT%H:%M:%SZ}",
        "enddt": f"{entry.end:%Y-%m-%dT%H:%M:%SZ}",
        "body": entry.description[:LONGEST],
        "location": entry.place,
    }
    return f"{OUTLOOK}?{urlencode(fields)}"
