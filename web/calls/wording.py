"""Attendance in words."""

from __future__ import annotations

from core.calls import Attendance, Verdict
from web.shared.sides import Badge

BADGES = {
    Verdict.EXPECTED: Badge("clock", "Not there yet", "off"),
    Verdict.ATTENDED: Badge("check", "Was there", "go"),
    Verdict.LATE: Badge("clock-alert", "Came late", "wait"),
    Verdict.TROUBLE: Badge("wifi-off", "Could not connect", "wait"),
    Verdict.ABSENT: Badge("x", "Not seen", "stop"),
}
HERE = Badge("users", "In the room", "go")


def verdict_badge(one: Attendance) -> Badge:
    """What is known about one side of a meeting."""
    return HERE if one.here else BADGES[one.verdict]
