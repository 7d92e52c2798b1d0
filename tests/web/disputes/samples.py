"""Disputes of everybody with a delivered booking, each with an offer of the developer."""

from __future__ import annotations

from core.disputes import DisputeId
from tests.web.every_role import SiteWithEveryRole
from tests.web.route_samples import DELIVERED, NO_BODY, PathVariable, RouteSamples

NO_DISPUTE = f"dsp_{'9' * 26}"
ANSWER = {"form": {"wish": "nothing", "text": "It is as agreed."}}
EVIDENCE = {"form": {"evidence": "See the log."}}
OFFER = {"form": {"refund": "100", "note": ""}}
PART = {"amount": 10_000}
AMOUNT = {"refund": {"amount": 10_000}}
DECISION = {"back": "other", "refund": "100", "reason": "A part.", "read": "yes"}


async def prepare(site: SiteWithEveryRole) -> None:
    """Its sides find the dispute by its booking."""
    for person in site.people.values():
        booking = person.work_bookings.get("disputed") or person.bookings.get("disputed")
        if booking:
            found = await site.app.services.disputes.of_job(booking.job_id or "")
            assert found
            person.own["dispute_id"] = found.id
            site.facts["dispute"] = DisputeId(found.id)
    # Administrators see every case.
    site.people["admin"].own["dispute_id"] = site.facts["dispute"]


SAMPLES = RouteSamples(
    bodies={
        "problems.send": {
            "form": {"why": "other", "wish": "part", "amount": "100", "text": "It is wrong."}
        },
        "disputes.answer": ANSWER,
        "disputes.evidence": EVIDENCE,
        "disputes.offer": OFFER,
        "disputes.accept": NO_BODY,
        "disputes.withdraw": NO_BODY,
        "disputes.deliver_once_more": NO_BODY,
        "cases.ask": {"form": {"question": "Was there a call?"}},
        "cases.decide": {"form": DECISION},
        "cases.settle": {"form": {"back": "10000", "reason": "A part."}},
        "api_disputes.open_dispute": {
            "json": {
                "reason": "other",
                "wish": {"kind": "part", "refund": PART},
                "text": "It is wrong.",
            }
        },
        "api_disputes.answer": {"json": {"wish": {"kind": "nothing"}, "text": "As agreed."}},
        "api_disputes.add_evidence": {"json": {"text": "See the log."}},
        "api_disputes.offer": {"json": AMOUNT},
        "api_disputes.accept": NO_BODY,
        "api_disputes.withdraw": NO_BODY,
        "api_disputes.deliver_once_more": NO_BODY,
        "api_disputes.settle": {"json": {**AMOUNT, "reason": "A part."}},
    },
    states={"problems.send": DELIVERED, "api_disputes.open_dispute": DELIVERED},
    variables={
        "dispute_id": PathVariable(
            example=lambda site: site.dispute_id,
            known=lambda site: site.facts["dispute"],
            own=lambda person, booking: person.own.get("dispute_id"),
            absent=NO_DISPUTE,
        ),
        "offer_id": PathVariable(
            example=lambda site: "ofr_1", known=lambda site: "ofr_1", absent="ofr_999"
        ),
    },
    prepare=prepare,
)
