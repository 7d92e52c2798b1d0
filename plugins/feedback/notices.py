"""What people are told: kinds, e-mails and words."""

from __future__ import annotations

from plugins.api import (
    BookingFacts,
    NoticeArea,
    NoticeGroup,
    NoticeKind,
    NoticeLine,
    NoticeWords,
    Notification,
    booking_facts,
)

GROUP = NoticeGroup(
    "feedback", "Reviews", "Asked to write one, somebody wrote one, replies", NoticeArea.BOOKINGS
)
NAMES = ("invited", "reminder", "shown", "replied")
NOTICES = tuple(NoticeKind(f"feedback_{name}", f"feedback/{name}", GROUP) for name in NAMES)


def _invited(entry: Notification, about: BookingFacts) -> NoticeLine:
    detail = "You both write before either of you can read. Only paid work can be reviewed."
    return NoticeLine(f"How was the work with {about.side.name}?", detail, about.path, "star")


def _reminder(entry: Notification, about: BookingFacts) -> NoticeLine:
    detail = "The time to write a review ends soon."
    return NoticeLine(f"You have not reviewed {about.side.name} yet", detail, about.path, "star")


def _shown(entry: Notification, about: BookingFacts) -> NoticeLine:
    detail = "Both reviews can be read now. You can reply once."
    return NoticeLine(f"{about.side.name} reviewed you", detail, about.path, "star")


def _replied(entry: Notification, about: BookingFacts) -> NoticeLine:
    heading = f"{about.side.name} replied to your review"
    return NoticeLine(heading, "The reply is shown below it.", about.path, "star")


WORDS = NoticeWords(
    {
        "feedback_invited": _invited,
        "feedback_reminder": _reminder,
        "feedback_shown": _shown,
        "feedback_replied": _replied,
    },
    booking_facts,
)
