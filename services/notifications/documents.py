"""How notifications and preferences are stored."""

from core.notice_preferences import NoticePreferences
from core.notifications import Notification
from core.push_subscriptions import PushSubscription
from core.suppressions import ReturnedMail
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
SUBSCRIPTIONS = DocumentType(
    "push_subscriptions",
    PushSubscription,
    orders=(Order("oldest", equals=("account_id",), by=("added_at",)),),
)
RETURNED = DocumentType("returned_mails", ReturnedMail, expires="expires_at")
