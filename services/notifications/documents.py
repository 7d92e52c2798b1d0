"""How notifications and preferences are stored."""

from core.notice_preferences import NoticePreferences
from core.notifications import Notification
from ports.documents import DocumentType, Order

NOTIFICATIONS = DocumentType(
    "notifications",
    Notification,
    orders=(
        Order("newest", equals=("account_id",), by=("at",), descending=True),
        Order("unread", equals=("account_id", "read_at"), by=("at",), descending=True),
        Order("of_area", equals=("account_id", "area"), by=("at",), descending=True),
    ),
    expires="expires_at",
)
PREFERENCES = DocumentType("notice_preferences", NoticePreferences)
