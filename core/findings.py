"""The kinds of findings: what each inconsistency means, how bad it is, and who must act on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Owner(StrEnum):
    """Who must act."""

    OPERATOR = "operator"
    """Somebody who decides about money or people in the administration."""
    ON_CALL = "developer_on_call"
    """Somebody who can read the logs and the database."""
    AUTOMATIC = "automatic"
    """Nobody: it repairs itself. One that stays open for days is for the developer on call."""


class Severity(StrEnum):
    NOTICE = "notice"
    """Look at it this week."""
    WARNING = "warning"
    """Look at it today."""
    URGENT = "urgent"
    """Money or the trail of evidence is wrong: look at it now."""


class FindingKind(StrEnum):
    """Inconsistencies that the application reports. The values are stored. Plugins add kinds of
    their own."""

    DEAD_MESSAGE = "dead_effect"
    OUTBOX_OVERDUE = "outbox_overdue"
    PERIODIC_JOB_FAILED = "periodic_job_failed"
    AUDIT_BROKEN = "audit_broken"
    FILE_LOST = "file_lost"
    DISPUTE_UNDECIDED = "dispute_undecided"
    AMOUNT_MISMATCH = "amount_mismatch"
    PAYOUT_AMOUNT_DIFFERS = "payout_amount_differs"
    PAYOUT_CONTRADICTION = "payout_contradiction"
    CHARGEBACK_UNDECIDED = "chargeback_undecided"
    CHARGEBACK_EXCEEDS = "chargeback_exceeds_payment"
    CHARGEBACK_AFTER_END = "chargeback_won_after_the_end"
    UNKNOWN_CHARGEBACK_STATUS = "chargeback_status_unknown"
    EVIDENCE_REFUSED = "evidence_refused"
    REFUND_REFUSED = "refund_refused"
    REFUND_AMOUNT_DIFFERS = "refund_amount_differs"
    SECOND_PAYMENT_NOT_RETURNED = "second_payment_not_returned"
    UNKNOWN_PAYOUT_STATUS = "unknown_payout_status"
    UNKNOWN_TRANSFER = "unknown_transfer"
    WITHDRAWAL_HELD_TOO_LONG = "withdrawal_held_too_long"


@dataclass(frozen=True, slots=True)
class KindFacts:
    """What is true of all findings of one kind. `words` is a sentence for the owner."""

    owner: Owner
    severity: Severity
    words: str


_PLUGIN = KindFacts(Owner.OPERATOR, Severity.WARNING, "A plugin has reported this.")

KINDS: Mapping[str, KindFacts] = {
    FindingKind.DEAD_MESSAGE: KindFacts(
        Owner.ON_CALL, Severity.WARNING, "A background task has failed for good."
    ),
    FindingKind.OUTBOX_OVERDUE: KindFacts(
        Owner.ON_CALL,
        Severity.WARNING,
        "Background tasks wait too long for a worker.",
    ),
    FindingKind.PERIODIC_JOB_FAILED: KindFacts(
        Owner.ON_CALL, Severity.WARNING, "A periodic job keeps failing."
    ),
    FindingKind.AUDIT_BROKEN: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "The audit trail has been changed."
    ),
    FindingKind.FILE_LOST: KindFacts(
        Owner.ON_CALL, Severity.WARNING, "The bytes of a stored file are missing."
    ),
    FindingKind.DISPUTE_UNDECIDED: KindFacts(
        Owner.OPERATOR, Severity.WARNING, "A dispute waits for a decision beyond its time."
    ),
    FindingKind.AMOUNT_MISMATCH: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The provider reports another amount than ours."
    ),
    FindingKind.PAYOUT_AMOUNT_DIFFERS: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The provider has transferred another amount than ours."
    ),
    FindingKind.PAYOUT_CONTRADICTION: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The payout provider contradicts what it said before."
    ),
    FindingKind.CHARGEBACK_UNDECIDED: KindFacts(
        Owner.OPERATOR, Severity.WARNING, "A client's bank questions a payment."
    ),
    FindingKind.CHARGEBACK_EXCEEDS: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "A bank takes more than is left of the payment."
    ),
    FindingKind.CHARGEBACK_AFTER_END: KindFacts(
        Owner.OPERATOR, Severity.WARNING, "Money came back of a booking that has ended by its loss."
    ),
    FindingKind.UNKNOWN_CHARGEBACK_STATUS: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "The provider reports a chargeback status we do not know."
    ),
    FindingKind.EVIDENCE_REFUSED: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The evidence about a chargeback was not accepted."
    ),
    FindingKind.REFUND_AMOUNT_DIFFERS: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The provider has refunded another amount than ours."
    ),
    FindingKind.REFUND_REFUSED: KindFacts(
        Owner.OPERATOR, Severity.WARNING, "The provider has refused a refund; it is tried again."
    ),
    FindingKind.SECOND_PAYMENT_NOT_RETURNED: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "A client has paid twice, and the second amount is kept."
    ),
    FindingKind.UNKNOWN_PAYOUT_STATUS: KindFacts(
        Owner.ON_CALL, Severity.WARNING, "The payout provider reports a status we do not know."
    ),
    FindingKind.UNKNOWN_TRANSFER: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The payout provider has a transfer that is none of ours."
    ),
    FindingKind.WITHDRAWAL_HELD_TOO_LONG: KindFacts(
        Owner.OPERATOR, Severity.WARNING, "A withdrawal is held for a check beyond its time."
    ),
}


def facts_of(kind: str) -> KindFacts:
    """The facts of a kind; those of a plugin are for the operator."""
    return KINDS.get(kind, _PLUGIN)
