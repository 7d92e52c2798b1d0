"""Withdrawals for developers: ask for one, take it back, and why it is not possible now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from core.accounts import Account, AccountId
from core.developers import Developer
from core.earnings import Balance
from core.errors import NotFound
from core.money import Money
from core.payout_accounts import NoPayoutAccount, PayoutAccount, State
from core.sessions import Caller
from core.withdrawals import (
    GIVEN_BACK,
    OneADay,
    Status,
    Withdrawal,
    WithdrawalActivity,
    WithdrawalId,
    check_amount,
)
from core.withdrawals_facts import BeneficiaryId
from core.withdrawals_policy import WithdrawalPolicy
from ports.clock import Clock, Ids
from ports.store import Repositories, Store
from services.payments import Earnings, Wallet, balance_of
from services.withdrawals.accounts import developer_of
from services.withdrawals.documents import payout_accounts, withdrawals
from services.withdrawals.entries import give_back, reserve
from services.withdrawals.holds import changed_until, follows, held_at_first
from services.withdrawals.outcomes import solve_without_balance
from services.withdrawals.telling import told


class Obstacle(StrEnum):
    """Why a developer cannot withdraw now."""

    NO_ACCOUNT = "no_account"
    CHECKING = "checking"
    REFUSED = "refused"
    FROZEN = "frozen"
    TODAY = "today"
    OWED = "owed"
    TOO_LITTLE = "too_little"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the page of withdrawals shows. `until` is when the obstacle ends by itself, if that is
    known: for too little money, when the next amount is ready. `held_until` is until when a
    withdrawal would be held, because the password, the address or the second factor was changed."""

    wallet: Wallet
    account: PayoutAccount | None
    obstacle: Obstacle | None = None
    until: datetime | None = None
    held_until: datetime | None = None

    @property
    def ready(self) -> Money:
        return self.wallet.balance.available


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawalService:
    """`by` is the acting account; raises `NotFound` for one without a developer profile, and for
    withdrawals of others."""

    store: Store
    earnings: Earnings
    clock: Clock
    ids: Ids
    policy: WithdrawalPolicy

    async def standing(self, *, by: Account) -> Standing:
        """Whether the developer can withdraw now, and if not, why and until when."""
        repositories, now = self.store.repositories, self.clock.now()
        developer = await developer_of(repositories, by.id)
        wallet = await self.earnings.wallet(developer.id)
        account = await payout_accounts(repositories).find(developer.id)
        day, tomorrow = _day(by, now)
        spent = await self._asked_on(repositories, developer, day)
        obstacle, until = self._obstacle(account, wallet, now)
        if obstacle in (None, Obstacle.TOO_LITTLE) and spent >= self.policy.withdrawals_per_day:
            obstacle, until = Obstacle.TODAY, tomorrow
        person = await repositories.accounts.get(by.id)
        held_until = changed_until(person, self.policy, now=now)
        return Standing(wallet, account, obstacle, until, held_until)

    async def request(
        self, *, by: Account, caller: Caller, amount: Money, request_id: str | None = None
    ) -> Withdrawal:
        """Reserve the money and send it; or hold it until a person has checked the account, or for
        a time after a change of the password, the address or the second factor. The caller has
        checked a fresh code. A repeat with the same `request_id` finds the first one.

        Raises `Invalid` for the amount, `NoPayoutAccount`, `PayoutAccountNotReady`, `OneADay`, and
        `Overdrawn` if the money has gone at the same moment.
        """
        now, new_id = self.clock.now(), WithdrawalId(request_id or self.ids.new("wd"))

        async def step(repositories: Repositories) -> Withdrawal:
            developer = await developer_of(repositories, by.id)
            stored = await withdrawals(repositories).find(new_id)
            if stored:
                return _own(stored, developer)
            account = await self._usable_account(repositories, developer, now)
            day, _ = _day(by, now)
            if await self._asked_on(repositories, developer, day) >= (
                self.policy.withdrawals_per_day
            ):
                raise OneADay
            balance = await balance_of(repositories, developer.id, amount.currency)
            self._check_amount(amount, balance)
            asked = _requested(new_id, account, amount, day, now)
            return await self._add(repositories, asked, account, caller)

        return await self.store.transact(step)

    async def cancel(
        self, withdrawal_id: WithdrawalId, *, by: Account, caller: Caller
    ) -> Withdrawal:
        """Take it back before it is sent. Raises `WithdrawalMovedOn`."""
        now = self.clock.now()

        async def step(repositories: Repositories) -> Withdrawal:
            developer = await developer_of(repositories, by.id)
            stored = _own(await withdrawals(repositories).get(withdrawal_id), developer)
            if stored.status is Status.CANCELLED:
                return stored
            return await cancel_in(
                repositories, stored, stored.cancel(now=now), at=now, actor=by.id, caller=caller
            )

        return await self.store.transact(step)

    async def get(self, withdrawal_id: WithdrawalId, *, by: str) -> Withdrawal:
        repositories = self.store.repositories
        developer = await developer_of(repositories, by)
        return _own(await withdrawals(repositories).get(withdrawal_id), developer)

    async def page(
        self, *, by: str, limit: int = 20, cursor: str | None = None
    ) -> tuple[tuple[Withdrawal, ...], str | None]:
        """The own withdrawals, latest first, and the next cursor."""
        developer = await developer_of(self.store.repositories, by)
        return await withdrawals(self.store.repositories).page(
            "of_developer", equals={"developer_id": developer.id}, limit=limit, cursor=cursor
        )

    def next_step_at(self, withdrawal: Withdrawal) -> datetime | None:
        """As `WithdrawalPolicy.next_step_at`."""
        return self.policy.next_step_at(withdrawal, now=self.clock.now())

    async def many(self, withdrawal_ids: list[str]) -> dict[str, Withdrawal]:
        """Those that exist, by id; for the wording of notices."""
        return await withdrawals(self.store.repositories).many(withdrawal_ids)

    async def _add(
        self,
        repositories: Repositories,
        asked: Withdrawal,
        account: PayoutAccount,
        caller: Caller,
    ) -> Withdrawal:
        now, owner = asked.requested_at, asked.account_id
        await reserve(repositories, asked)
        person = await repositories.accounts.get(AccountId(owner))
        first = held_at_first(asked, person, account, self.policy)
        saved = await withdrawals(repositories).add(first)
        held = saved.status is Status.HELD
        what = WithdrawalActivity.HELD if held else WithdrawalActivity.REQUESTED
        messages = told(saved, what, at=now, actor=owner, caller=caller)
        await repositories.outbox.add(follows(saved, self.policy, at=now), *messages)
        return saved

    async def _usable_account(
        self, repositories: Repositories, developer: Developer, now: datetime
    ) -> PayoutAccount:
        account = await payout_accounts(repositories).find(developer.id)
        if account is None:
            raise NoPayoutAccount
        account.check_ready(now)
        return account

    @staticmethod
    async def _asked_on(repositories: Repositories, developer: Developer, day: str) -> int:
        """How many withdrawals of this day count. The balance is saved in the same transaction, so
        that two requests of one developer never both see the same number."""
        found, _ = await withdrawals(repositories).page(
            "of_day", equals={"developer_id": developer.id, "day": day}, limit=100
        )
        return sum(each.status not in GIVEN_BACK for each in found)

    def _check_amount(self, amount: Money, balance: Balance) -> None:
        check_amount(amount, minimum=self.policy.withdrawal_minimum, ready=balance.available)

    def _obstacle(
        self, account: PayoutAccount | None, wallet: Wallet, now: datetime
    ) -> tuple[Obstacle | None, datetime | None]:
        upcoming = wallet.upcoming[0].clears_at if wallet.upcoming else None
        if account is None:
            return Obstacle.NO_ACCOUNT, None
        if account.state is State.REFUSED:
            return Obstacle.REFUSED, None
        if account.frozen(now):
            return Obstacle.FROZEN, account.usable_from
        if account.state is State.CHECKING:
            return Obstacle.CHECKING, None
        if wallet.balance.owed:
            return Obstacle.OWED, upcoming
        if wallet.balance.available.amount < self.policy.withdrawal_minimum:
            return Obstacle.TOO_LITTLE, upcoming
        return None, None


async def cancel_in(
    repositories: Repositories,
    before: Withdrawal,
    cancelled: Withdrawal,
    *,
    at: datetime,
    actor: str,
    caller: Caller | None = None,
) -> Withdrawal:
    """Save the cancelled withdrawal and give the money back, in the caller's transaction."""
    saved = await withdrawals(repositories).save(cancelled)
    await give_back(repositories, saved, before=before.status, at=at)
    messages = told(saved, WithdrawalActivity.CANCELLED, at=at, actor=actor, caller=caller)
    await repositories.outbox.add(*messages)
    if saved.attempt:
        await solve_without_balance(repositories, saved, how="It was taken back.", at=at)
    return saved


def _own(withdrawal: Withdrawal, developer: Developer) -> Withdrawal:
    if withdrawal.developer_id != developer.id:
        raise NotFound
    return withdrawal


def _requested(
    new_id: WithdrawalId, account: PayoutAccount, amount: Money, day: str, now: datetime
) -> Withdrawal:
    return Withdrawal(
        id=new_id,
        developer_id=account.developer_id,
        account_id=account.account_id,
        amount=amount,
        destination=account.destination,
        provider=account.provider,
        beneficiary=BeneficiaryId(account.known_as),
        requested_at=now,
        day=day,
        changed_at=now,
    )


def _day(account: Account, now: datetime) -> tuple[str, datetime]:
    """The day in the developer's time zone, and when the next one begins."""
    zone = ZoneInfo(account.timezone)
    today = now.astimezone(zone).date()
    return today.isoformat(), datetime.combine(today + timedelta(days=1), time(), zone)
