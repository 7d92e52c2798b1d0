"""A person's disputes: exported in full, kept without the name after erasure."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import replace
from typing import ClassVar

from core.disputes import Dispute
from ports.store import Repositories, Store
from services.disputes.storage import disputes
from services.shared.personal_data import PAGE, Page, PersonalData, Subject, every
from services.timeline import without_name


class DisputeData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {
        "disputes.booking_number": "it names the booking, not a person",
        "disputes.statements": "what one party told the other and the administrators",
        "disputes.evidence": "evidence of how the money was divided",
        "disputes.offers": "evidence of how the money was divided",
        "disputes.settlement": "the reason why the money was divided so",
        "disputes.client.timezone": "the case is shown to the other party in it",
        "disputes.developer.timezone": "the case is shown to the other party in it",
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        return {"disputes": [each async for each in _disputes_of(repositories, subject.account.id)]}

    async def erase_history(self, store: Store, account_id: str) -> bool:
        async for dispute in _disputes_of(store.repositories, account_id):
            await _erase_name(store, dispute, account_id)
        return False


async def _disputes_of(repositories: Repositories, account_id: str) -> AsyncIterator[Dispute]:
    for side in ("client", "developer"):
        async for dispute in every(_pages(repositories, side, account_id)):
            yield dispute


def _pages(
    repositories: Repositories, side: str, account_id: str
) -> Callable[[str | None], Awaitable[Page[Dispute]]]:
    documents, equals = disputes(repositories), {f"{side}.account_id": account_id}
    return lambda cursor: documents.page(f"of_{side}", equals=equals, limit=PAGE, cursor=cursor)


async def _erase_name(store: Store, dispute: Dispute, account_id: str) -> None:
    async def step(repositories: Repositories) -> None:
        current = await disputes(repositories).get(dispute.id)
        nameless = replace(
            current,
            client=without_name(current.client, account_id),
            developer=without_name(current.developer, account_id),
        )
        if nameless != current:
            await disputes(repositories).save(nameless)

    await store.transact(step)
