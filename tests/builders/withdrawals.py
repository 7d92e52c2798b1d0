"""Developers with money and a payout account."""

from __future__ import annotations

from itertools import count

from core.accounts import Account, AccountId
from core.developers import Developer
from core.earnings import Balance
from core.money import Money
from core.payout_accounts import Kind, PayoutAccount, new_account, plain_name
from core.policy import DAY
from core.transactions import Kind as EntryKind
from core.transactions import (
    Line,
    Transaction,
    TransactionId,
    earnings,
    movement,
    withdrawing,
)
from core.withdrawals import Withdrawal, WithdrawalId
from core.withdrawals_facts import BeneficiaryFact, BeneficiaryId, BeneficiaryStatus
from ports.store import Repositories
from services.payments import balance_of, post
from services.withdrawals import PAYOUT_ACCOUNTS, WITHDRAWALS
from tests.app import CALLER, MemoryApp

NUMBER, IFSC = "50100482170937", "HDFC0000240"
_ENTRIES = count()


async def give_money(app: MemoryApp, developer: Developer, paise: int) -> None:
    """Money that is ready, without the bookings it was earned with."""
    name, amount = TransactionId(f"clear:given_{next(_ENTRIES)}"), Money(paise)

    async def step(repositories: Repositories) -> None:
        before = await balance_of(repositories, developer.id, amount.currency)
        entry = Transaction(
            id=name,
            kind=EntryKind.CLEAR,
            at=app.clock.now(),
            lines=(Line("escrow:given", -amount), *before.credit(amount)),
            description="Given",
            developer_id=developer.id,
        )
        await post(repositories, developer.id, entry)

    await app.store.transact(step)


async def set_account(
    app: MemoryApp,
    account: Account,
    *,
    holder: str = "",
    number: str = NUMBER,
    ifsc: str = IFSC,
) -> PayoutAccount:
    """The payout account as it is stored after the provider has answered."""
    await app.services.payout_accounts.set(
        by=account, caller=CALLER, kind=Kind.BANK, holder=holder or account.name,
        number=number, ifsc=ifsc,
    )  # fmt: skip
    await app.run()
    stored = await app.services.payout_accounts.find(by=account.id)
    assert stored
    return stored


async def rich_developer(
    app: MemoryApp, paise: int = 1_000_000, name: str = "Ananya Iyer"
) -> tuple[Account, Developer]:
    """With a payout account whose freeze is over."""
    developer = await app.developer(name)
    account = await app.store.repositories.accounts.get(AccountId(developer.account_id))
    await set_account(app, account)
    await app.pass_time(DAY)
    await give_money(app, developer, paise)
    return account, developer


async def withdraw(app: MemoryApp, account: Account, paise: int) -> Withdrawal:
    """Asked for, and not sent yet."""
    return await app.services.withdrawals.request(by=account, caller=CALLER, amount=Money(paise))


async def balance(app: MemoryApp, developer: Developer) -> Balance:
    return (await app.services.earnings.wallet(developer.id)).balance


async def now_of(app: MemoryApp, withdrawal: Withdrawal) -> Withdrawal:
    return await app.services.withdrawals.get(withdrawal.id, by=withdrawal.account_id)


async def stored_withdrawal(app: MemoryApp, developer: Developer) -> Withdrawal:
    """A payout account that can be used, money, and a withdrawal of yesterday that was not sent,
    without any message of theirs."""
    now = app.clock.now()
    account = await app.store.repositories.accounts.get(AccountId(developer.account_id))
    typed = new_account(
        developer.id, account.id, kind=Kind.BANK, holder=plain_name(account.name),
        number=NUMBER, ifsc=IFSC, profile=account.name, provider=app.payouts.name,
        now=now - 9 * DAY, freeze=DAY,
    )  # fmt: skip
    fact = BeneficiaryFact(typed.beneficiary, BeneficiaryStatus.USABLE, account.name)
    payee = typed.settle(fact, profile=account.name)
    await app.store.repositories.documents(PAYOUT_ACCOUNTS).add(payee)
    await give_money(app, developer, 1_000_000)
    made = Withdrawal(
        id=WithdrawalId(f"wd_{developer.id[-26:]}"),
        developer_id=developer.id,
        account_id=account.id,
        amount=Money(200_000),
        destination=payee.destination,
        provider=payee.provider,
        beneficiary=BeneficiaryId(payee.known_as),
        requested_at=now - DAY,
        day=(now - DAY).date().isoformat(),
        changed_at=now - DAY,
    )
    lines = movement(made.amount, source=earnings(developer.id), target=withdrawing(developer.id))
    entry = Transaction(
        id=TransactionId(f"withdraw:{made.id}"),
        kind=EntryKind.WITHDRAW,
        at=made.requested_at,
        lines=lines,
        description="Withdrawal",
        developer_id=developer.id,
    )

    async def step(repositories: Repositories) -> Withdrawal:
        await post(repositories, developer.id, entry)
        return await repositories.documents(WITHDRAWALS).add(made)

    return await app.store.transact(step)
