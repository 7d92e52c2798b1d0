"""No booking starts at night: a plugin for OneHour."""

from quiet_hours.plugin import QuietHours

__all__ = ["QuietHours"]
