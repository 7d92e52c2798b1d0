"""Wording of withdrawals: states, why one waits and what is missing, and audit entries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.payout_accounts import NameMatch, PayoutAccount, State
from core.withdrawals import Status, Waiting, Withdrawal, WithdrawalActivity
from core.withdrawals_facts import Why
from web.shared.sides import Badge

BADGES: Mapping[Status, Badge] = {
    Status.REQUESTED: Badge("hourglass", "Asked for", "wait"),
    Status.HELD: Badge("shield-alert", "Held for a check", "wait"),
    Status.SENT: Badge("send", "Sent to your bank", "held"),
    Status.SUCCEEDED: Badge("circle-check", "In your bank", "go"),
    Status.FAILED: Badge("x", "Not accepted by the bank", "stop"),
    Status.REVERSED: Badge("undo-2", "Returned by the bank", "stop"),
    Status.CANCELLED: Badge("undo-2", "Not sent", "off"),
}
ADMINISTERED: Mapping[Status, Badge] = {
    **BADGES,
    Status.SENT: Badge("send", "Sent", "held"),
    Status.SUCCEEDED: Badge("circle-check", "Succeeded", "go"),
    Status.FAILED: Badge("x", "Failed", "stop"),
    Status.REVERSED: Badge("undo-2", "Reversed", "stop"),
    Status.CANCELLED: Badge("ban", "Cancelled", "off"),
}
"""For administrators."""
MATCHES: Mapping[NameMatch, Badge] = {
    NameMatch.SAME: Badge("user-check", "Name matches", "go"),
    NameMatch.CLOSE: Badge("circle-alert", "Close, not the same", "wait"),
    NameMatch.OTHER: Badge("x", "Another name", "stop"),
    NameMatch.UNKNOWN: Badge("circle-alert", "Name not checked", "wait"),
}
CHECKING = Badge("hourglass", "Being checked", "wait")
REFUSED = Badge("x", "Cannot be used", "stop")
WHY: Mapping[Why, str] = {
    Why.ACCOUNT: "There is no such account.",
    Why.NAME: "The account is in another name.",
    Why.LIMIT: "The account had reached a limit of its bank.",
    Why.BLOCKED: "The account cannot receive money.",
    Why.BANK: "The network of the bank did not carry it out.",
    Why.BALANCE: "The payout account of the marketplace had too little money at that moment.",
    Why.OTHER: "The bank gave no reason.",
}
WAITS: Mapping[Waiting, tuple[str, str]] = {
    Waiting.NOTHING: ("It is sent within minutes.", "Nothing is missing."),
    Waiting.PROVIDER: (
        "Waits for the payment provider.",
        "It does not answer at the moment. Nothing is missing. It is tried again by itself.",
    ),
    Waiting.FIRST_TO_ACCOUNT: (
        "A person checks it.",
        "The bank did not tell your full name, so the first withdrawal to this account is looked "
        "at. Nothing is missing from you.",
    ),
    Waiting.CREDENTIALS: (
        "Held for your safety.",
        "Your password, e-mail address, second factor or a linked sign-in was changed shortly "
        "before. Nothing is missing from you. If you did not change it, take the money back and "
        "write to us.",
    ),
    Waiting.OPERATOR: ("A person checks it.", "What is missing:"),
    Waiting.BALANCE: (
        "Waits for the marketplace.",
        "Its payout account is being filled. Nothing is missing from you. It is sent by itself.",
    ),
    Waiting.APPROVAL: (
        "Waits for an approval.",
        "The payment provider looks at it before it is paid. Nothing is missing from you.",
    ),
    Waiting.BANK: ("The bank has not confirmed it.", "Banks answer within three bank days."),
    Waiting.ANSWER: (
        "Its outcome is not known yet.",
        "The payment provider is asked again by itself. The money is sent at most once.",
    ),
}
"""Why a withdrawal waits, and what is missing."""
ACTIVITY: Mapping[str, str] = {
    WithdrawalActivity.REQUESTED: "Money was withdrawn",
    WithdrawalActivity.HELD: "A withdrawal was held for a check",
    WithdrawalActivity.RELEASED: "A withdrawal was checked",
    WithdrawalActivity.WAITS: "A withdrawal waits for the payout account of the marketplace",
    WithdrawalActivity.HOLD_ENDED: "The hold of a withdrawal ended",
    WithdrawalActivity.CANCELLED: "A withdrawal was taken back or refused",
    WithdrawalActivity.SENT: "A withdrawal was sent to the bank",
    WithdrawalActivity.SUCCEEDED: "A withdrawal arrived in the bank",
    WithdrawalActivity.FAILED: "A withdrawal was not accepted by the bank",
    WithdrawalActivity.REVERSED: "A withdrawal was returned by the bank",
    WithdrawalActivity.ACCOUNT_CHANGED: "The payout account was changed",
    WithdrawalActivity.ACCOUNT_USABLE: "The bank confirmed the payout account",
    WithdrawalActivity.ACCOUNT_REFUSED: "The payout account was refused",
}


@dataclass(frozen=True, slots=True)
class Story:
    """Where a withdrawal stands: the main point, what is to be said besides, and what an
    administrator wrote."""

    strong: str
    text: str
    note: str = ""


def story(withdrawal: Withdrawal) -> Story:
    """For the developer: why it waits and what is missing, or how it ended."""
    match withdrawal.status:
        case Status.SUCCEEDED:
            return Story("", "It has arrived.")
        case Status.FAILED:
            return Story(WHY[withdrawal.why], "The money is in your wallet again.")
        case Status.REVERSED:
            return Story(
                WHY[withdrawal.why],
                "The bank took it first and sent it back. The money is in your wallet again. "
                "Check the account before you withdraw once more.",
            )
        case Status.CANCELLED:
            return Story("", "The money is in your wallet again.", withdrawal.note)
    strong, text = WAITS[withdrawal.waiting]
    return Story(strong, text, withdrawal.note)


def badge_of(account: PayoutAccount) -> Badge:
    match account.state:
        case State.CHECKING:
            return CHECKING
        case State.REFUSED:
            return MATCHES[NameMatch.OTHER] if account.match is NameMatch.OTHER else REFUSED
    return MATCHES[account.match]
