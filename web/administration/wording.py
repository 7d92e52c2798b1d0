"""States of bookings, payments, jobs and messages in words for administrators."""

from __future__ import annotations

from collections.abc import Mapping

from core.bookings import Booking, Status
from core.finding_resolutions import FindingActivity
from core.findings import Owner, Severity
from core.jobs import Job
from core.jobs import Status as JobStatus
from core.payments import Payment
from core.payments_facts import AttemptStatus, RefundStatus
from core.timeline import Actor
from ports.scheduling import OutboxList
from services.payments import provider_name as provider_name
from web.payments import MONEY_BADGES
from web.shared.sides import Badge

BOOKINGS: Mapping[Status, Badge] = {
    Status.HELD: Badge("timer", "Held, not paid", "wait"),
    Status.REQUESTED: Badge("hourglass", "Waiting for the developer", "wait"),
    Status.CONFIRMED: Badge("check", "Confirmed", "held"),
    Status.COMPLETED: Badge("circle-check", "Completed", "go"),
    Status.EXPIRED: Badge("clock-alert", "Not paid in time", "off"),
    Status.DECLINED: Badge("x", "Declined", "off"),
    Status.CANCELLED: Badge("ban", "Cancelled", "off"),
}
JOBS: Mapping[JobStatus, Badge] = {
    JobStatus.OPEN: Badge("hourglass", "Waiting for the developer", "wait"),
    JobStatus.ACTIVE: Badge("play", "Active", "held"),
    JobStatus.DELIVERED: Badge("package-check", "Delivered, in review", "wait"),
    JobStatus.CHANGES_REQUESTED: Badge("rotate-ccw", "Changes requested", "held"),
    JobStatus.APPROVED: Badge("circle-check", "Approved", "go"),
    JobStatus.CANCELLING: Badge("hourglass", "Cancellation proposed", "wait"),
    JobStatus.DISPUTED: Badge("scale", "In dispute", "stop"),
    JobStatus.SETTLED: Badge("circle-check", "Settled", "go"),
    JobStatus.CANCELLED: Badge("ban", "Cancelled", "off"),
}
ATTEMPTS: Mapping[AttemptStatus, Badge] = {
    AttemptStatus.PENDING: Badge("loader", "In progress", "wait"),
    AttemptStatus.FLAGGED: Badge("flag", "Under review by the provider", "wait"),
    AttemptStatus.FAILED: Badge("x", "Failed", "off"),
    AttemptStatus.DROPPED: Badge("clock-alert", "Not completed", "off"),
    AttemptStatus.SUCCESS: Badge("circle-check", "Paid", "go"),
}
REFUNDS: Mapping[RefundStatus, Badge] = {
    RefundStatus.DUE: Badge("hourglass", "To be sent", "wait"),
    RefundStatus.SENT: Badge("loader", "Sent, not confirmed", "wait"),
    RefundStatus.SUCCEEDED: Badge("undo-2", "Confirmed", "go"),
    RefundStatus.FAILED: Badge("x", "Refused", "stop"),
    RefundStatus.STOPPED: Badge("circle-alert", "Refused, waits for us", "stop"),
    RefundStatus.PAID_OTHERWISE: Badge("undo-2", "Paid by another way", "go"),
}
OUTBOX: Mapping[OutboxList, Badge] = {
    OutboxList.WAITING: Badge("clock", "Waiting", "held"),
    OutboxList.FAILING: Badge("rotate-ccw", "Failing", "wait"),
    OutboxList.DEAD: Badge("circle-alert", "Dead letters", "stop"),
    OutboxList.DONE: Badge("check", "Done", "go"),
    OutboxList.CANCELLED: Badge("ban", "Cancelled", "off"),
}
FINDING_STATES = (("open", "Open"), ("resolved", "Resolved"), ("all", "All"))
SEVERITIES: Mapping[Severity, Badge] = {
    Severity.NOTICE: Badge("info", "Notice", "off"),
    Severity.WARNING: Badge("clock-alert", "Warning", "wait"),
    Severity.URGENT: Badge("circle-alert", "Urgent", "stop"),
}
OWNERS: Mapping[Owner, str] = {
    Owner.OPERATOR: "An operator",
    Owner.ON_CALL: "The developer on call",
    Owner.AUTOMATIC: "Nobody, it repairs itself",
}
ACTIVITY: Mapping[str, str] = {FindingActivity.RESOLVED: "Resolved a finding"}
ACTORS: Mapping[str, str] = {
    Actor.DEADLINE: "the system",
    Actor.PROVIDER: "the payment provider",
    Actor.ADMIN: "an administrator",
}


def booking_badge(booking: Booking, job: Job | None = None) -> Badge:
    """The state of a booking; of a confirmed one with work, that of its job."""
    at_work = job and job.status in (
        JobStatus.DELIVERED,
        JobStatus.CHANGES_REQUESTED,
        JobStatus.CANCELLING,
        JobStatus.DISPUTED,
    )
    return JOBS[job.status] if job and at_work else BOOKINGS[booking.status]


def payment_badge(payment: Payment) -> Badge:
    """The state of a payment; first of all that its amount was wrong."""
    if payment.mismatch:
        return Badge("circle-alert", "Wrong amount", "stop")
    badge = MONEY_BADGES[payment.status]
    if payment.refunded and payment.refunded < payment.amount:
        return Badge(badge.icon, "Refunded in part", badge.tone)
    return badge


def actor_name(actor: Actor, booking: Booking) -> str:
    """Who did a step of the booking."""
    parties = {Actor.CLIENT: booking.client.name, Actor.DEVELOPER: booking.developer.name}
    return parties.get(actor) or ACTORS.get(actor, actor.value)
