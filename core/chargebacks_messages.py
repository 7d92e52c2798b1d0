"""Outbox messages of chargebacks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from core.chargebacks import ChargebackId
from core.outbox import Payload
from core.payments_facts import OrderId


@dataclass(frozen=True, slots=True)
class ChargebackNews(Payload):
    """A webhook about a chargeback of this order was received: fetch them from the provider."""

    kind: ClassVar[str] = "chargebacks.news"
    order: OrderId


@dataclass(frozen=True, slots=True)
class PollChargeback(Payload):
    """Ask the provider about a chargeback that is not decided. `turn` counts the questions."""

    kind: ClassVar[str] = "chargebacks.poll"
    chargeback: ChargebackId
    turn: int


@dataclass(frozen=True, slots=True)
class AcceptChargeback(Payload):
    """An administrator has accepted a chargeback: tell the provider."""

    kind: ClassVar[str] = "chargebacks.accept"
    chargeback: ChargebackId


@dataclass(frozen=True, slots=True)
class SendEvidence(Payload):
    """The time to answer is nearly over: send the evidence that there is."""

    kind: ClassVar[str] = "chargebacks.evidence"
    chargeback: ChargebackId
