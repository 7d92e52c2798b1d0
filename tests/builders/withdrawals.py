"""Developers with money and a payout account."""

from __future__ import annotations

from itertools import count

from core.accounts import Account, AccountId
from core.developers import Developer
from core.earnings import Balance
from core.money import Money
from core.payout_accounts import Kind, PayoutAccount
from core.policy import DAY
from core.transactions import Kind as EntryKind
from core.transactions import Line, Transaction, TransactionId
from core.withdrawals import Withdrawal
from ports.store import Repositories
from services.payments import balance_of, post
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
    app: MemoryApp, account: Account, *, holder: str = "", number: str = NUMBER
) -> PayoutAccount:
    """The payout account as it is stored after the provider has answered."""
    await app.services.payout_accounts.set(
        by=account, caller=CALLER, kind=Kind.BANK, holder=holder or account.name,
        number=number, ifsc=IFSC,
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
