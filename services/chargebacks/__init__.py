"""Chargebacks: the client's bank questions a payment, and the provider decides."""

from pathlib import Path

from core.chargebacks import ChargebackActivity, ChargebackStep
from core.chargebacks_messages import (
    AcceptChargeback,
    ChargebackNews,
    PollChargeback,
    SendEvidence,
)
from core.chargebacks_policy import ChargebackPolicy
from services.chargebacks.answers import Answer, ChargebackAnswers
from services.chargebacks.endings import Endings
from services.chargebacks.evidence import EvidenceService
from services.chargebacks.personal_data import ChargebackData
from services.chargebacks.reserves import Reserves
from services.chargebacks.service import ChargebackService
from services.chargebacks.storage import CHARGEBACKS
from services.payments import Earnings, PaymentService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.notices import PAYMENTS, Notice

__all__ = [
    "CAPABILITY",
    "CHARGEBACKS",
    "Answer",
    "ChargebackAnswers",
    "ChargebackService",
    "EvidenceService",
]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    service = ChargebackService(
        store=d.store,
        gateways=d.gateways,
        payments=built[PaymentService],
        reserves=Reserves(earnings=built[Earnings], clock=d.clock),
        endings=Endings(clock=d.clock),
        extensions=d.extensions,
        clock=d.clock,
        policy=d.policies[ChargebackPolicy],
    )
    evidence = EvidenceService(
        store=d.store,
        gateways=d.gateways,
        service=service,
        printer=d.printer,
        formats=d.formats,
        clock=d.clock,
    )
    answers = ChargebackAnswers(store=d.store, gateways=d.gateways, service=service, clock=d.clock)
    return {
        "chargebacks": service,
        "chargeback_evidence": evidence,
        "chargeback_answers": answers,
    }


CAPABILITY = Capability(
    name="chargebacks",
    build=build,
    documents=(CHARGEBACKS,),
    messages=(ChargebackNews, PollChargeback, SendEvidence, AcceptChargeback),
    notices=tuple(
        Notice(step.value, f"chargebacks/{step.value}", PAYMENTS, repeats=True, news=True)
        for step in ChargebackStep
    ),
    templates=Path(__file__).parent / "templates",
    timeline=ChargebackStep,
    activity=ChargebackActivity,
    policy=ChargebackPolicy,
    personal_data=ChargebackData(),
)
