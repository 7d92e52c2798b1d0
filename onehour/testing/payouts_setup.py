"""What `PayoutsContract` needs to act as the banks behind the provider of the adapter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import AbstractAsyncContextManager
from typing import ClassVar
from uuid import uuid4

from core.money import Money
from core.payout_accounts import Kind
from core.withdrawals_facts import BeneficiaryId, TransferFact, TransferId
from ports.payouts import Beneficiary, PayoutProvider, Transfer

AMOUNT = Money(1_200_050)
"""Rupees and paise."""


class PayoutsSetup(ABC):
    """The provider under test, and what the banks behind it do.

    `account` is the number and the IFSC of a bank account to which transfers stay pending until
    `settle`; `other_account` is another one. `wrong_account` does not exist, which the provider
    knows at once when it is registered, or it is None if the provider does not check.
    """

    provider: PayoutProvider
    account: ClassVar[tuple[str, str]] = ("007711000031", "HDFC0000077")
    other_account: ClassVar[tuple[str, str]] = ("026291800001191", "YESB0000262")
    wrong_account: ClassVar[tuple[str, str] | None] = None
    secrets: ClassVar[tuple[str, ...]] = ()
    """Texts that must not be in any message of an error."""

    @abstractmethod
    async def settle(self, transfer_id: str, outcome: str) -> None:
        """The bank decides: `outcome` is `succeeded`, `failed`, `reversed`, `on_the_way`,
        `approval`, or `unknown` for a status that the adapter has never heard of."""

    @abstractmethod
    async def notice(self, transfer_id: str) -> tuple[dict[str, str], bytes]:
        """Headers and body of a genuine webhook about a transfer that succeeded."""

    @abstractmethod
    def losing_an_answer(self) -> AbstractAsyncContextManager[None]:
        """Within the context the provider executes the next call, and its response is lost."""

    @abstractmethod
    def away(self) -> AbstractAsyncContextManager[None]:
        """Within the context the provider does not respond to the next call, and does nothing."""

    @abstractmethod
    def sign(self, body: bytes) -> dict[str, str]:
        """The headers with which the provider would send this body."""

    async def fill(self, balance: Money) -> None:
        """The account at the provider has exactly this much that can be transferred. Needed for a
        provider that tells its balance (`PayoutBalance`)."""
        raise NotImplementedError

    def payee(
        self, account: tuple[str, str] | None = None, beneficiary_id: str | None = None
    ) -> Beneficiary:
        number, ifsc = account or self.account
        key = BeneficiaryId(beneficiary_id or f"ben{uuid4().hex}")
        return Beneficiary(
            key, Kind.BANK, "Ananya Iyer", number, ifsc, "ananya@example.org", "9876543210"
        )

    async def registered(self, account: tuple[str, str] | None = None) -> BeneficiaryId:
        return (await self.provider.register(self.payee(account))).id

    async def transfer(self, amount: Money = AMOUNT, transfer_id: str | None = None) -> Transfer:
        """A transfer to a registered payee that has not been sent yet."""
        key = TransferId(transfer_id or f"wd_{uuid4().hex}")
        return Transfer(key, await self.registered(), amount, "OneHour WD-7K3M-92Q4")

    async def sent(self, amount: Money = AMOUNT) -> TransferFact:
        return await self.provider.send(await self.transfer(amount))
