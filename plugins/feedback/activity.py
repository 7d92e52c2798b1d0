"""What administrators decided about reviews, in the activity of their own accounts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from plugins.api import Account, Caller, Repositories, audit_message
from plugins.feedback.reports import Outcome, Report


class FeedbackActivity(StrEnum):
    """Kinds of audit entries. The values are stored."""

    KEPT = "review_kept"
    REMOVED = "review_removed"


WORDS: Mapping[str, str] = {
    FeedbackActivity.KEPT: "Reported review kept",
    FeedbackActivity.REMOVED: "Reported review removed",
}
OF_OUTCOME = {Outcome.KEPT: FeedbackActivity.KEPT, Outcome.REMOVED: FeedbackActivity.REMOVED}


async def record(
    repositories: Repositories, closed: Report, outcome: Outcome, *, by: Account, caller: Caller
) -> None:
    """In the transaction of the decision itself."""
    assert closed.closed_at
    entry = audit_message(
        OF_OUTCOME[outcome],
        closed.id,
        account=by.id,
        at=closed.closed_at,
        address=caller.place,
        device=caller.device,
        booking=closed.booking_id,
    )
    await repositories.outbox.add(entry)
