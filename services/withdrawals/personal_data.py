"""A person's payout account and withdrawals: exported; the account is removed with the person, and
withdrawals stay without the name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from core.withdrawals import Withdrawal
from ports.store import Repositories, Store
from services.shared.personal_data import PersonalData, Subject
from services.withdrawals.documents import payout_accounts, withdrawals


class WithdrawalData(PersonalData):
    kept: ClassVar[Mapping[str, str]] = {
        "withdrawals": "the law requires the accounts: where money went; the name is erased",
    }

    async def export(self, repositories: Repositories, subject: Subject) -> Mapping[str, object]:
        if subject.developer is None:
            return {}
        mine = subject.developer.id
        return {
            "payout_account": await payout_accounts(repositories).find(mine),
            "withdrawals": await _of(repositories, mine),
        }

    async def erase(self, repositories: Repositories, subject: Subject, now: datetime) -> None:
        if subject.developer:
            await payout_accounts(repositories).remove(subject.developer.id)

    async def erase_history(self, store: Store, account_id: str) -> bool:
        developer = await store.repositories.developers.find_by_account(account_id)
        if developer is None:
            return False
        for each in await _of(store.repositories, developer.id):
            await _erase_name(store, each)
        return False


async def _of(repositories: Repositories, developer_id: str) -> list[Withdrawal]:
    return [each async for each in withdrawals(repositories).each(developer_id=developer_id)]


async def _erase_name(store: Store, withdrawal: Withdrawal) -> None:
    async def step(repositories: Repositories) -> None:
        stored = await withdrawals(repositories).get(withdrawal.id)
        nameless = replace(stored, destination=replace(stored.destination, holder=""))
        if nameless != stored:
            await withdrawals(repositories).save(nameless)

    await store.transact(step)
