"""Calendar files, with the library icalendar."""

from adapters.icalendar.calendars import IcalendarFiles

__all__ = ["IcalendarFiles"]
