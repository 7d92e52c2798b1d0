"""Jobs in MongoDB."""

from __future__ import annotations

from pymongo import ASCENDING, DESCENDING, IndexModel

from adapters.mongo.collection import Collection, newest_first, order_key
from adapters.mongo.rows import Document, View
from adapters.mongo.values import party_in, party_out, terms_in, terms_out
from core.jobs import Job, JobId, Status
from ports.jobs import Jobs


def to_document(job: Job) -> Document:
    """`accounts` and `order_key` are derived, for the indexes."""
    return {
        "_id": job.id,
        "version": job.version,
        "status": job.status,
        "booking_id": job.booking_id,
        "client": party_out(job.client),
        "developer": party_out(job.developer),
        "terms": terms_out(job.terms),
        "created_at": job.created_at,
        "deliver_by": job.deliver_by,
        "revisions_allowed": job.revisions_allowed,
        "deliveries": job.deliveries,
        "revisions_used": job.revisions_used,
        "approve_by": job.approve_by,
        "accounts": [job.client.account_id, job.developer.account_id],
        "order_key": order_key(job.created_at, job.id),
    }


def from_document(document: Document) -> Job:
    return Job(
        id=JobId(document["_id"]),
        version=document["version"],
        status=Status(document["status"]),
        booking_id=document["booking_id"],
        client=party_in(document["client"]),
        developer=party_in(document["developer"]),
        terms=terms_in(document["terms"]),
        created_at=document["created_at"],
        deliver_by=document["deliver_by"],
        revisions_allowed=document["revisions_allowed"],
        deliveries=document["deliveries"],
        revisions_used=document["revisions_used"],
        approve_by=document["approve_by"],
    )


class MongoJobs(Collection[Job], Jobs):
    name = "jobs"
    indexes = (
        IndexModel([("booking_id", ASCENDING)], name="booking_once", unique=True),
        IndexModel([("accounts", ASCENDING), ("order_key", DESCENDING)], name="of_account"),
    )

    def __init__(self, view: View) -> None:
        super().__init__(view, to_document, from_document)

    async def find_by_booking(self, booking_id: str) -> Job | None:
        return await self.find_where({"booking_id": booking_id})

    async def of_account(
        self, account_id: str, *, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Job, ...], str | None]:
        wanted = {"accounts": account_id}
        return await newest_first(self.rows, wanted, from_document, limit=limit, cursor=cursor)
