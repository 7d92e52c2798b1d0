"""Reading notifications and changing preferences."""

from __future__ import annotations

from typing import Any

from tests.web.route_samples import NO_BODY, RouteSamples

BROWSER: dict[str, Any] = {
    "endpoint": "https://push.example.com/send/1",
    "keys": {"p256dh": "BA" + "A" * 85, "auth": "A" * 22},
}
"""A subscription as a browser gives it."""

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
        "api_notifications.reports": {"json": [], "headers": {"x-signature": "memory"}},
        "api_notifications.subscribe": {"json": BROWSER},
        "api_notifications.unsubscribe": {"json": {"endpoint": BROWSER["endpoint"]}},
        "api_notifications.save": {
            "json": {
                "choices": [{"group": "bookings", "channel": "email", "on": False}],
                "quiet": {"start": "22:00", "end": "07:30"},
            }
        },
    },
    events={"notifications:seen": {"ids": ["nobodys"]}},
)
