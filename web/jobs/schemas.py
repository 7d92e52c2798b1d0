"""API schemas of jobs and deliveries."""

from __future__ import annotations

from typing_extensions import TypedDict

from core.deliveries import Delivery
from core.files import FileId
from core.jobs import Job, Status
from core.payments import Status as PaymentStatus
from services.timeline import BookingDetails
from web.files import download_path
from web.shared.schemas import (
    Moment,
    NextSchema,
    PartySchema,
    following,
    maybe,
    moment,
    party,
)


class DeliveredFileSchema(TypedDict):
    """A file as it was delivered. `size` is in bytes; `url` leads to the download."""

    id: str
    name: str
    size: int
    sha256: str
    url: str


class DeliverySchema(TypedDict):
    number: int
    note: str
    at: Moment
    files: list[DeliveredFileSchema]


class RevisionsSchema(TypedDict):
    used: int
    allowed: int


class JobSchema(TypedDict):
    """`dispute_id` is the newest case about the job, also after its end."""

    id: str
    booking_id: str
    booking_number: str
    status: Status
    client: PartySchema
    developer: PartySchema
    revisions: RevisionsSchema
    deliveries: list[DeliverySchema]
    payment_status: PaymentStatus
    approve_by: Moment | None
    deliver_by: Moment
    dispute_id: str | None
    next: NextSchema | None


def job(value: Job, details: BookingDetails) -> JobSchema:
    """`details` are those of the job's booking."""
    return {
        "id": value.id,
        "booking_id": value.booking_id,
        "booking_number": details.booking.number,
        "status": value.status,
        "client": party(value.client),
        "developer": party(value.developer),
        "revisions": {"used": value.revisions_used, "allowed": value.revisions_allowed},
        "deliveries": [delivery(each) for each in details.deliveries],
        "payment_status": details.payment.status,
        "approve_by": maybe(value.approve_by),
        "deliver_by": moment(value.deliver_by),
        "dispute_id": value.dispute_id,
        "next": following(details.next),
    }


def delivery(value: Delivery) -> DeliverySchema:
    return {
        "number": value.number,
        "note": value.note,
        "at": moment(value.at),
        "files": [
            {
                "id": file.id,
                "name": file.name,
                "size": file.size,
                "sha256": file.sha256,
                "url": download_path(FileId(file.id)),
            }
            for file in value.files
        ],
    }
