"""How disputes are stored, and how they are read for their parties."""

from __future__ import annotations

from core.bundle_checks import BundleCheck
from core.disputes import Dispute, DisputeId
from core.timeline import Actor
from ports.documents import Documents, DocumentType, Order
from ports.store import Repositories

DISPUTES = DocumentType(
    "disputes",
    Dispute,
    orders=(
        Order("of_job", equals=("job_id",), by=("opened_at",), descending=True),
        Order("of_client", equals=("client.account_id",), by=("opened_at",)),
        Order("of_developer", equals=("developer.account_id",), by=("opened_at",)),
        Order("newest", equals=(), by=("opened_at",), descending=True),
        Order("open", equals=("closed_at",), by=("opened_at",)),
        Order("waiting", equals=("status",), by=("opened_at",)),
    ),
)

BUNDLE_CHECKS = DocumentType("bundle_checks", BundleCheck)


def disputes(repositories: Repositories) -> Documents[Dispute]:
    return repositories.documents(DISPUTES)


async def dispute_of_party(
    repositories: Repositories, dispute_id: DisputeId, account_id: str
) -> tuple[Dispute, Actor]:
    """The dispute, and which side of it the account is. Raises `NotFound` for others."""
    dispute = await disputes(repositories).get(dispute_id)
    return dispute, dispute.side(account_id)


async def latest_of_job(repositories: Repositories, job_id: str) -> Dispute | None:
    """The newest dispute of a job, open or not."""
    found, _ = await disputes(repositories).page("of_job", equals={"job_id": job_id}, limit=1)
    return found[0] if found else None
