"""The kinds of findings: what each inconsistency means, how bad it is, and who must act on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.findings import FindingKind, Owner, Severity


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
    FindingKind.PAYOUT_PAYEE_DIFFERS: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The provider has a transfer of ours to another payee."
    ),
    FindingKind.PAYOUT_WITHOUT_BALANCE: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "A transfer was rejected because the balance was too low."
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
    FindingKind.CHARGEBACK_BESIDE_REFUND: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "A bank gave money back while a refused refund waits."
    ),
    FindingKind.UNKNOWN_CHARGEBACK_STATUS: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "The provider reports a chargeback status we do not know."
    ),
    FindingKind.EVIDENCE_REFUSED: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The evidence about a chargeback was not accepted."
    ),
    FindingKind.ACCEPTANCE_REFUSED: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The acceptance of a chargeback was not taken."
    ),
    FindingKind.REFUND_AMOUNT_DIFFERS: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The provider has refunded another amount than ours."
    ),
    FindingKind.REFUND_REFUSED: KindFacts(
        Owner.OPERATOR, Severity.WARNING, "The provider has refused a refund; it is tried again."
    ),
    FindingKind.REFUND_STOPPED: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "A refund was refused too often, and a client waits."
    ),
    FindingKind.REFUND_PAID_TWICE: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "A refund has arrived that was also paid by another way."
    ),
    FindingKind.SECOND_PAYMENT_NOT_RETURNED: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "A client has paid twice, and the second amount is kept."
    ),
    FindingKind.PAYOUT_BALANCE_LOW: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The payout account has less than what is due out."
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
    FindingKind.PAYMENT_ENTRY_MISSING: KindFacts(
        Owner.ON_CALL,
        Severity.URGENT,
        "The provider has money of ours that is not booked.",
    ),
    FindingKind.PAYMENT_ENTRY_WRONG: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "A payment is booked with another amount than was paid."
    ),
    FindingKind.PAYMENT_ENTRY_UNFOUNDED: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "Money is booked that no payment has brought."
    ),
    FindingKind.REFUNDED_TOO_MUCH: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "More is returned to a client than was paid."
    ),
    FindingKind.REFUND_ENTRY_MISSING: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "A refund has succeeded, and the ledger does not know it."
    ),
    FindingKind.REFUND_ENTRY_WRONG: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "A refund is booked with another amount than was returned."
    ),
    FindingKind.REFUND_ENTRY_UNFOUNDED: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "A refund is booked that has not succeeded."
    ),
    FindingKind.RELEASE_ENTRY_MISSING: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "Money is released, and the ledger does not know it."
    ),
    FindingKind.RELEASE_ENTRY_UNFOUNDED: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "A release is booked for money that is still held."
    ),
    FindingKind.HELD_MONEY_WRONG: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "What is held for a booking does not fit its state."
    ),
    FindingKind.BOOKING_MISSING: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "A payment is for a booking that does not exist."
    ),
    FindingKind.BOOKING_NOT_PAID: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "A booking takes place whose payment did not succeed."
    ),
    FindingKind.MONEY_OF_DEAD_BOOKING: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "Money of a booking that has ended is kept."
    ),
    FindingKind.CHECKOUT_UNSETTLED: KindFacts(
        Owner.AUTOMATIC, Severity.WARNING, "A checkout has ended, and its payment has no verdict."
    ),
    FindingKind.REFUND_NOT_SENT: KindFacts(
        Owner.AUTOMATIC, Severity.WARNING, "A refund was not requested at its time."
    ),
    FindingKind.REFUND_WITHOUT_VERDICT: KindFacts(
        Owner.OPERATOR, Severity.WARNING, "A refund has had no verdict for days."
    ),
    FindingKind.PAYMENT_MISSING: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "A booking names a payment that does not exist."
    ),
    FindingKind.CELL_WITHOUT_BOOKING: KindFacts(
        Owner.AUTOMATIC, Severity.WARNING, "A booking that has ended keeps its time taken."
    ),
    FindingKind.BOOKING_WITHOUT_CELL: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "The time of a booking can be booked by others."
    ),
    FindingKind.HOLD_OVERDUE: KindFacts(
        Owner.AUTOMATIC, Severity.WARNING, "A hold that was not paid has not ended."
    ),
    FindingKind.DEADLINE_MISSING: KindFacts(
        Owner.AUTOMATIC, Severity.WARNING, "The next step of a booking is not planned."
    ),
    FindingKind.ANSWER_OVERDUE: KindFacts(
        Owner.AUTOMATIC, Severity.WARNING, "A request that nobody answered was not cancelled."
    ),
    FindingKind.JOB_MISSING: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "A paid booking has no job."
    ),
    FindingKind.JOB_OF_DEAD_BOOKING: KindFacts(
        Owner.OPERATOR, Severity.WARNING, "The work of a booking that has ended goes on."
    ),
    FindingKind.APPROVED_NOT_RELEASED: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The work is approved, and its money is not released."
    ),
    FindingKind.APPROVAL_OVERDUE: KindFacts(
        Owner.AUTOMATIC, Severity.WARNING, "A delivery that nobody reviewed was not approved."
    ),
    FindingKind.DELIVERY_OVERDUE: KindFacts(
        Owner.AUTOMATIC, Severity.WARNING, "A job without a delivery was not cancelled."
    ),
    FindingKind.BALANCE_WRONG: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "The balance of a developer is not the sum of the ledger."
    ),
    FindingKind.BALANCE_BELOW_ZERO: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "The ledger of a developer sums to less than nothing."
    ),
    FindingKind.CLEARING_OVERDUE: KindFacts(
        Owner.AUTOMATIC, Severity.WARNING, "Money that has cleared was not made ready."
    ),
    FindingKind.CLEARING_STEP_MISSING: KindFacts(
        Owner.AUTOMATIC, Severity.WARNING, "Nothing is planned that makes cleared money ready."
    ),
    FindingKind.CLEARING_MISSING: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "Released money never becomes ready to withdraw."
    ),
    FindingKind.CLEAR_ENTRY_MISSING: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "Money is marked as ready, and the ledger does not know it."
    ),
    FindingKind.WITHDRAW_ENTRY_MISSING: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "A withdrawal was never taken out of a balance."
    ),
    FindingKind.PAYOUT_ENTRY_MISSING: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "A transfer has arrived, and the ledger does not know it."
    ),
    FindingKind.PAYOUT_ENTRY_UNFOUNDED: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "A payout is booked that has not arrived."
    ),
    FindingKind.RETURN_ENTRY_MISSING: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "A withdrawal has failed, and its money is not back."
    ),
    FindingKind.RETURN_ENTRY_UNFOUNDED: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "Money is back in a wallet while it is on its way."
    ),
    FindingKind.WITHDRAWAL_NOT_SENT: KindFacts(
        Owner.AUTOMATIC, Severity.WARNING, "A withdrawal was not sent at its time."
    ),
    FindingKind.TRANSFER_WITHOUT_VERDICT: KindFacts(
        Owner.OPERATOR,
        Severity.WARNING,
        "A transfer has had no verdict for days.",
    ),
    FindingKind.PAYOUT_ACCOUNT_UNCHECKED: KindFacts(
        Owner.AUTOMATIC, Severity.NOTICE, "The check of a bank account does not end."
    ),
    FindingKind.NUMBER_TWICE: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "Two documents have the same number."
    ),
    FindingKind.NUMBER_GAP: KindFacts(
        Owner.ON_CALL, Severity.WARNING, "A number of a document is left out."
    ),
    FindingKind.NUMBER_MISSING: KindFacts(
        Owner.AUTOMATIC, Severity.WARNING, "A document has no number."
    ),
    FindingKind.SERIES_BEHIND: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "The next document would get a number that is given out."
    ),
    FindingKind.SERIES_AHEAD: KindFacts(
        Owner.ON_CALL, Severity.WARNING, "Numbers are given out that no document has."
    ),
    FindingKind.ENTRY_UNBALANCED: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "The stored lines of a ledger entry do not sum to zero."
    ),
    FindingKind.ENTRY_ORPHANED: KindFacts(
        Owner.ON_CALL, Severity.URGENT, "A ledger entry names something that does not exist."
    ),
    FindingKind.PROVIDER_PAID: KindFacts(
        Owner.AUTOMATIC, Severity.URGENT, "The provider has money for a payment that is open here."
    ),
    FindingKind.PROVIDER_AMOUNT_DIFFERS: KindFacts(
        Owner.AUTOMATIC, Severity.URGENT, "The provider has another amount than ours."
    ),
    FindingKind.PROVIDER_LACKS_PAYMENT: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "A payment is booked that the provider does not have."
    ),
    FindingKind.PROVIDER_REFUND: KindFacts(
        Owner.AUTOMATIC, Severity.WARNING, "The provider has ended a refund that is open here."
    ),
    FindingKind.PROVIDER_REFUND_UNKNOWN: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The provider has a refund that we have not asked for."
    ),
    FindingKind.PROVIDER_LACKS_REFUND: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "A refund is booked that the provider has not made."
    ),
    FindingKind.PROVIDER_TRANSFER: KindFacts(
        Owner.AUTOMATIC,
        Severity.URGENT,
        "The provider has another end of a transfer than we have.",
    ),
    FindingKind.PROVIDER_LACKS_TRANSFER: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "A transfer is booked that the provider does not have."
    ),
    FindingKind.PROVIDER_PAID_RETURNED: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "A transfer has arrived whose money is back in the wallet."
    ),
    FindingKind.SETTLED_PAYMENT_UNKNOWN: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The provider has settled a payment that is none of ours."
    ),
    FindingKind.SETTLED_NOT_BOOKED: KindFacts(
        Owner.AUTOMATIC, Severity.URGENT, "The provider has settled what is not booked here."
    ),
    FindingKind.SETTLED_REFUND_UNKNOWN: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The provider has taken a refund that is none of ours."
    ),
    FindingKind.SETTLED_AMOUNT_DIFFERS: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The provider has settled another amount than ours."
    ),
    FindingKind.SETTLED_FEE_DIFFERS: KindFacts(
        Owner.OPERATOR,
        Severity.WARNING,
        "The provider has kept another fee than is agreed.",
    ),
    FindingKind.SETTLED_LINE_CHANGED: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "The provider contradicts what it has settled before."
    ),
    FindingKind.SETTLED_LINE_UNEXPLAINED: KindFacts(
        Owner.OPERATOR,
        Severity.WARNING,
        "No payment or refund explains a line of a settlement.",
    ),
    FindingKind.NOT_SETTLED: KindFacts(
        Owner.OPERATOR,
        Severity.URGENT,
        "A booked payment was not settled in its time.",
    ),
    FindingKind.REFUND_NOT_SETTLED: KindFacts(
        Owner.OPERATOR, Severity.WARNING, "A refund is booked that no settlement has."
    ),
    FindingKind.SETTLEMENT_SUM_DIFFERS: KindFacts(
        Owner.OPERATOR,
        Severity.URGENT,
        "The lines of a settlement do not sum to what was paid.",
    ),
    FindingKind.SETTLEMENT_NOT_PAID: KindFacts(
        Owner.OPERATOR, Severity.URGENT, "A settlement has not reached our bank."
    ),
    FindingKind.UNKNOWN_SETTLEMENT_STATUS: KindFacts(
        Owner.ON_CALL, Severity.WARNING, "The provider reports a settlement status we do not know."
    ),
}


def kinds_with(
    *, owner: Owner | None = None, severity: Severity | None = None
) -> tuple[frozenset[str], bool]:
    """The kinds with this owner and severity (None: any), and whether those of plugins have it."""

    def fits(facts: KindFacts) -> bool:
        return owner in (None, facts.owner) and severity in (None, facts.severity)

    return frozenset(kind for kind, facts in KINDS.items() if fits(facts)), fits(_PLUGIN)


def facts_of(kind: str) -> KindFacts:
    """The facts of a kind; those of a plugin are for the operator."""
    return KINDS.get(kind, _PLUGIN)
