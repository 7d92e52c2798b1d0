"""Payout accounts: set by the developer, checked by the provider, and frozen for a day."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.accounts import Account, AccountId
from core.audit import PROVIDER, audit_message
from core.developers import Developer
from core.errors import NotFound
from core.findings import FindingKind
from core.notifications import NotifyAccount
from core.outbox import OutboxMessage, message
from core.payout_accounts import Kind, PayoutAccount, State, new_account
from core.sessions import Caller
from core.withdrawals import WithdrawalActivity
from core.withdrawals_facts import BeneficiaryFact, BeneficiaryId, BeneficiaryStatus
from core.withdrawals_messages import RegisterPayoutAccount
from core.withdrawals_policy import WithdrawalPolicy
from ports.clock import Clock
from ports.findings import Finding
from ports.payouts import Beneficiary, PayoutRefused
from ports.store import Repositories, Store
from services.shared.outbox import handles
from services.withdrawals.documents import payout_accounts
from services.withdrawals.providers import Providers

OPEN = "payout_account_open"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutAccountService:
    """`by` is the acting account; raises `NotFound` for one without a developer profile."""

    store: Store
    providers: Providers
    clock: Clock
    policy: WithdrawalPolicy

    async def find(self, *, by: str) -> PayoutAccount | None:
        developer = await developer_of(self.store.repositories, by)
        return await payout_accounts(self.store.repositories).find(developer.id)

    async def set(
        self,
        *,
        by: Account,
        caller: Caller,
        kind: Kind,
        holder: str,
        number: str,
        ifsc: str = "",
    ) -> PayoutAccount:
        """The account that money goes to from now on, after its freeze. The same account again
        changes nothing. The caller has checked a fresh code.

        Raises `Invalid` and `NoPayouts`. Withdrawals that are under way keep their destination.
        """
        now, provider = self.clock.now(), self.providers.for_new()

        async def step(repositories: Repositories) -> PayoutAccount:
            developer = await developer_of(repositories, by.id)
            typed = new_account(
                developer.id, by.id, kind=kind, holder=holder, number=number, ifsc=ifsc,
                profile=by.name, provider=provider, now=now,
                freeze=self.policy.payout_account_freeze,
            )  # fmt: skip
            documents = payout_accounts(repositories)
            stored = await documents.find(typed.id)
            if stored and _same(stored, typed):
                return stored
            saved = await _replace(repositories, stored, typed)
            await repositories.outbox.add(*self._changed(saved, caller))
            return saved

        return await self.store.transact(step)

    @handles(RegisterPayoutAccount)
    async def register(self, payload: RegisterPayoutAccount) -> None:
        """Ask the provider about the account, again until it has decided. Idempotent.

        Raises `PayoutsUnavailable`.
        """
        account = await payout_accounts(self.store.repositories).find(payload.account)
        if account is None or not _waits(account, payload.beneficiary):
            return
        provider = self.providers.of(account.provider)
        try:
            fact = await provider.register(await self._beneficiary(account))
        except PayoutRefused as error:
            reason = error.reason or "refused"
            fact = BeneficiaryFact(account.beneficiary, BeneficiaryStatus.REFUSED, code=reason)
        await self._settle(payload, fact)

    async def _settle(self, payload: RegisterPayoutAccount, fact: BeneficiaryFact) -> None:
        now = self.clock.now()

        async def step(repositories: Repositories) -> None:
            account = await payout_accounts(repositories).find(payload.account)
            if account is None or not _waits(account, payload.beneficiary):
                return
            owner = await repositories.accounts.get(AccountId(account.account_id))
            settled = account.settle(fact, profile=owner.name)
            if fact.status is BeneficiaryStatus.UNKNOWN:
                await repositories.findings.report(_strange(account, fact, self))
            if settled.state is State.CHECKING:
                again = RegisterPayoutAccount(
                    payload.account, payload.beneficiary, payload.turn + 1
                )
                due = self.policy.poll_at(now, min(payload.turn, 3))
                await repositories.outbox.add(message(again, _key(again, account), due_at=due))
                return
            saved = await payout_accounts(repositories).save(settled)
            await repositories.outbox.add(*self._checked(saved))

        await self.store.transact(step)

    async def _beneficiary(self, account: PayoutAccount) -> Beneficiary:
        owner = await self.store.repositories.accounts.get(AccountId(account.account_id))
        where = account.destination
        return Beneficiary(
            id=account.beneficiary,
            kind=where.kind,
            holder=where.holder,
            number=account.number,
            ifsc=where.ifsc,
            email=owner.email,
        )

    def _changed(self, account: PayoutAccount, caller: Caller) -> list[OutboxMessage]:
        """Register it, record it, and tell the developer now and at the end of the freeze."""
        now, key = account.added_at, f"{account.beneficiary}:{account.version}"
        where = account.destination
        audit = audit_message(
            WithdrawalActivity.ACCOUNT_CHANGED, key, account=account.account_id, at=now,
            address=caller.place, device=caller.device, ending=where.ending,
        )  # fmt: skip
        first = RegisterPayoutAccount(account.id, account.beneficiary)
        register = message(first, _key(first, account), due_at=now)
        return [audit, register, *self._notices(account, key)]

    def _notices(self, account: PayoutAccount, key: str) -> list[OutboxMessage]:
        return [
            message(
                NotifyAccount(name, account.account_id, fact=key, subject=account.id),
                f"{key}:{name}",
                due_at=due,
            )
            for name, due in (
                (WithdrawalActivity.ACCOUNT_CHANGED, account.added_at),
                (OPEN, account.usable_from),
            )
        ]

    def _checked(self, account: PayoutAccount) -> list[OutboxMessage]:
        now, key = self.clock.now(), f"{account.beneficiary}:{account.version}"
        good = account.state is State.USABLE
        what = WithdrawalActivity.ACCOUNT_USABLE if good else WithdrawalActivity.ACCOUNT_REFUSED
        audit = audit_message(
            what, key, account=account.account_id, at=now, actor=PROVIDER,
            ending=account.destination.ending, reason=account.refused,
        )  # fmt: skip
        notice = NotifyAccount(what, account.account_id, fact=key, subject=account.id)
        return [audit] if good else [audit, message(notice, f"{key}:{what}", due_at=now)]


async def developer_of(repositories: Repositories, account_id: str) -> Developer:
    """The developer profile of an account. Raises `NotFound`."""
    developer = await repositories.developers.find_by_account(AccountId(account_id))
    if developer is None:
        raise NotFound
    return developer


async def _replace(
    repositories: Repositories, stored: PayoutAccount | None, typed: PayoutAccount
) -> PayoutAccount:
    documents = payout_accounts(repositories)
    if stored is None:
        return await documents.add(typed)
    return await documents.save(replace(typed, version=stored.version))


def _same(stored: PayoutAccount, typed: PayoutAccount) -> bool:
    return stored.beneficiary == typed.beneficiary and stored.state is not State.REFUSED


def _waits(account: PayoutAccount, beneficiary: str) -> bool:
    return account.state is State.CHECKING and account.beneficiary == BeneficiaryId(beneficiary)


def _key(payload: RegisterPayoutAccount, account: PayoutAccount) -> str:
    """One per question. The version tells an account from the same one that was set before."""
    return f"{payload.beneficiary}:{account.version}:{payload.turn}"


def _strange(
    account: PayoutAccount, fact: BeneficiaryFact, service: PayoutAccountService
) -> Finding:
    return Finding(
        f"unknown_beneficiary_status:{account.beneficiary}",
        FindingKind.UNKNOWN_PAYOUT_STATUS,
        account.id,
        f"The provider reports an unknown status of a bank account: {fact.code or 'none'}.",
        service.clock.now(),
    )
