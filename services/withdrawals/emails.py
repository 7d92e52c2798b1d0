"""What the e-mails about withdrawals and payout accounts show, read when they are sent."""

from __future__ import annotations

from dataclasses import dataclass

from core.payout_accounts import PayoutAccount, PayoutAccountId, State
from core.withdrawals import Withdrawal, WithdrawalActivity, WithdrawalId
from ports.store import Repositories
from services.shared.notices import PAYMENTS, SECURITY, Notice, NoticeReader
from services.withdrawals.accounts import OPEN
from services.withdrawals.documents import payout_accounts, withdrawals


@dataclass(frozen=True, slots=True)
class WithdrawalContext:
    """`notice` is the step."""

    withdrawal: Withdrawal
    notice: str
    url: str


@dataclass(frozen=True, slots=True)
class PayoutAccountContext:
    account: PayoutAccount
    notice: str
    url: str


async def _withdrawal(repositories: Repositories, reader: NoticeReader) -> WithdrawalContext:
    stored = await withdrawals(repositories).get(WithdrawalId(reader.delivery.subject))
    return WithdrawalContext(stored, reader.delivery.notice, f"{reader.site}/withdrawals")


async def _account(repositories: Repositories, reader: NoticeReader) -> PayoutAccountContext | None:
    """None if the account was replaced or refused meanwhile."""
    stored = await payout_accounts(repositories).find(PayoutAccountId(reader.delivery.subject))
    same = stored and reader.delivery.fact.startswith(f"{stored.beneficiary}:")
    if stored is None or not same:
        return None
    if reader.delivery.notice == OPEN and stored.state is not State.USABLE:
        return None
    return PayoutAccountContext(stored, reader.delivery.notice, f"{reader.site}/payout-account")


def _about_withdrawals(*names: str) -> tuple[Notice, ...]:
    return tuple(
        Notice(
            name, "withdrawals/withdrawal", PAYMENTS, repeats=True, context=_withdrawal, news=True
        )
        for name in names
    )


def _about_accounts(*names: str) -> tuple[Notice, ...]:
    return tuple(
        Notice(
            name, "withdrawals/payout_account", SECURITY, repeats=True, context=_account, news=True
        )
        for name in names
    )


NOTICES = (
    *_about_withdrawals(
        WithdrawalActivity.REQUESTED.value,
        WithdrawalActivity.HELD.value,
        WithdrawalActivity.RELEASED.value,
        WithdrawalActivity.HOLD_ENDED.value,
        WithdrawalActivity.WAITS.value,
        WithdrawalActivity.CANCELLED.value,
        WithdrawalActivity.SUCCEEDED.value,
        WithdrawalActivity.FAILED.value,
        WithdrawalActivity.REVERSED.value,
    ),
    *_about_accounts(
        WithdrawalActivity.ACCOUNT_CHANGED.value, WithdrawalActivity.ACCOUNT_REFUSED.value, OPEN
    ),
)
