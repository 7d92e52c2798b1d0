"""Disputes: two sides of a booking divide the money that is held, or an administrator decides."""

from pathlib import Path

from core.calls_policy import CallPolicy
from core.disputes import DisputeActivity, DisputeStep
from core.disputes_messages import DisputeDeadline
from core.disputes_policy import DisputePolicy
from core.jobs_policy import JobPolicy
from services.calls import PresenceInCalls
from services.disputes.bundles import Bundle, BundleService
from services.disputes.cases import Cases
from services.disputes.deadlines import DisputeDeadlines
from services.disputes.decisions import DecisionService
from services.disputes.emails import NOTICES
from services.disputes.lists import DisputeLists
from services.disputes.no_shows import NoShowService
from services.disputes.offers import OfferService
from services.disputes.opening import NothingHeld, Opening
from services.disputes.personal_data import DisputeData
from services.disputes.service import DisputeService
from services.disputes.storage import BUNDLE_CHECKS, DISPUTES
from services.files import Attachments
from services.payments import HeldMoney
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = [
    "BUNDLE_CHECKS",
    "CAPABILITY",
    "DISPUTES",
    "Bundle",
    "BundleService",
    "DecisionService",
    "DisputeLists",
    "DisputeService",
    "NoShowService",
    "NothingHeld",
    "OfferService",
    "Opening",
]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    cases = Cases(
        held=built[HeldMoney],
        extensions=d.extensions,
        clock=d.clock,
        policy=d.policies[DisputePolicy],
        job_policy=d.policies[JobPolicy],
    )
    opening = Opening(cases=cases, clock=d.clock, ids=d.ids)
    return {
        "opening": opening,
        "disputes": DisputeService(
            store=d.store,
            cases=cases,
            opening=opening,
            attachments=built[Attachments],
            clock=d.clock,
        ),
        "offers": OfferService(store=d.store, cases=cases, clock=d.clock),
        "dispute_lists": DisputeLists(store=d.store),
        "decisions": DecisionService(store=d.store, cases=cases, clock=d.clock),
        "bundles": BundleService(
            store=d.store,
            storage=d.storage,
            attachments=built[Attachments],
            clock=d.clock,
            policy=d.policies[DisputePolicy],
            secret_key=d.lasting_key,
        ),
        "no_shows": NoShowService(
            store=d.store,
            presence=built[PresenceInCalls],
            opening=opening,
            clock=d.clock,
            policy=d.policies[CallPolicy],
        ),
        "dispute_deadlines": DisputeDeadlines(store=d.store, cases=cases, clock=d.clock),
    }


CAPABILITY = Capability(
    name="disputes",
    build=build,
    repositories=(),
    documents=(DISPUTES, BUNDLE_CHECKS),
    messages=(DisputeDeadline,),
    notices=NOTICES,
    templates=Path(__file__).parent / "templates",
    timeline=DisputeStep,
    activity=DisputeActivity,
    policy=DisputePolicy,
    personal_data=DisputeData(),
)
