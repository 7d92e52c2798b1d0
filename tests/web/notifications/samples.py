"""Reading notifications and changing preferences."""

from __future__ import annotations

from tests.web.route_samples import NO_BODY, RouteSamples

SAMPLES = RouteSamples(
    bodies={
        "notifications.read": NO_BODY,
        "notifications.save": {
            "form": {
                "bookings-here": "on",
                "bookings-email": "on",
                "quiet": "on",
                "quiet_start": "21:30",
                "quiet_end": "06:30",
            }
        },
        "api_notifications.read": {"json": {"all": True}},
        "api_notifications.save": {
            "json": {
                "choices": [{"group": "bookings", "channel": "email", "on": False}],
                "quiet": {"start": "22:00", "end": "07:30"},
            }
        },
    },
    events={"notifications:seen": {"ids": ["nobodys"]}},
)
