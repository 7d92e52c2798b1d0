"""Wording of timeline and audit entries about chargebacks."""

from __future__ import annotations

from collections.abc import Mapping

from core.chargebacks import ChargebackActivity, ChargebackStep, Status
from core.timeline import Entry
from services.chargebacks import Answer
from services.timeline import BookingDetails
from web.shared.sides import Badge, Side
from web.shared.timeline import Line, Wording, amount


def _opened(entry: Entry, details: BookingDetails, side: Side) -> Line:
    whose = "Your bank" if side.is_client else f"The bank of {side.name}"
    detail = "The money is set aside until the bank has decided"
    return Line(f"{whose} questioned the payment of {amount(entry, details)}", detail)


def _won(entry: Entry, details: BookingDetails, side: Side) -> Line:
    detail = f"{amount(entry, details)} is where it was before"
    return Line("The bank decided that the payment stands", detail)


def _lost(entry: Entry, details: BookingDetails, side: Side) -> Line:
    to = "you" if side.is_client else side.name
    return Line(f"The bank gave {amount(entry, details)} back to {to}", "The bank's decision")


TIMELINE: Mapping[str, Wording] = {
    ChargebackStep.OPENED: _opened,
    ChargebackStep.WON: _won,
    ChargebackStep.LOST: _lost,
}
BADGES: Mapping[Status, Badge] = {
    Status.OPEN: Badge("hourglass", "Waits for an answer", "wait"),
    Status.REVIEW: Badge("scale", "The bank decides", "held"),
    Status.WON: Badge("circle-check", "Won", "go"),
    Status.LOST: Badge("x", "Lost", "stop"),
}
ANSWERS: Mapping[Answer, tuple[str, str, str]] = {
    Answer.EVIDENCE: (
        "Send the evidence about {amount} now?",
        "Send the evidence",
        "The bank gets the PDF as it is now. No further document is sent by itself.",
    ),
    Answer.ACCEPT: (
        "Leave {amount} to {client}?",
        "Accept the chargeback",
        "No evidence is sent, and the bank keeps the money. This cannot be taken back.",
    ),
}
"""Title and button of the second step, and what follows."""
ACTIVITY: Mapping[str, str] = {
    ChargebackActivity.EVIDENCE_NOW: "Evidence sent to the client's bank by an administrator",
    ChargebackActivity.ACCEPTED: "Chargeback accepted by an administrator",
    ChargebackActivity.OPENED: "Payment questioned by the client's bank; the money is set aside",
    ChargebackActivity.WON: "The client's bank decided that the payment stands",
    ChargebackActivity.LOST: "The client's bank took the payment back",
}
