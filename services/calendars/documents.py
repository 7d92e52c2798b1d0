"""How feeds are stored."""

from core.calendars import CalendarFeed
from ports.documents import DocumentType, Unique

FEEDS = DocumentType("calendar_feeds", CalendarFeed, unique=(Unique(("secret_hash",)),))
