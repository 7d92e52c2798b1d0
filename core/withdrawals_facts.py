"""Facts that a payout provider reports: beneficiaries and transfers."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from core.money import Money

TransferId = NewType("TransferId", str)
"""Our id of a transfer at the provider: letters, digits and `_`, at most 40."""
BeneficiaryId = NewType("BeneficiaryId", str)
"""The id of a bank account or UPI address at the provider: letters and digits, at most 50."""


class TransferStatus(StrEnum):
    """What the provider says about a transfer. Only `FAILED` and `REVERSED` are final; a transfer
    that succeeded can be reversed days later."""

    PENDING = "pending"
    """The provider works on it."""
    APPROVAL = "approval"
    """Somebody has to approve it at the provider."""
    ON_THE_WAY = "on_the_way"
    """Sent to the bank, which has not confirmed it."""
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    REVERSED = "reversed"
    UNKNOWN = "unknown"
    """A status that the adapter does not know. It means nothing, and is reported."""


CAME_BACK = frozenset({TransferStatus.FAILED, TransferStatus.REVERSED})
"""The money of such a transfer never left, or is back: it will not arrive any more."""


class Why(StrEnum):
    """Why a transfer failed or came back, in terms that are no provider's. The values are
    stored."""

    ACCOUNT = "account"
    """There is no such account."""
    NAME = "name"
    """The account is in another name."""
    LIMIT = "limit"
    """The account has reached a limit of its bank."""
    BLOCKED = "blocked"
    """The account cannot receive money."""
    BANK = "bank"
    """The bank or its network was not available, or declined."""
    BALANCE = "balance"
    """The marketplace had too little money at the provider."""
    OTHER = "other"


class BeneficiaryStatus(StrEnum):
    CHECKING = "checking"
    USABLE = "usable"
    REFUSED = "refused"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TransferFact:
    """A transfer as the provider reports it now. `ours` is our id, `id` the provider's. `code` is
    the provider's reason, for operators, and `why` what it means; `reference` is that of the bank
    (UTR). Both texts are empty if there is none. `fee` is what the provider charges for it so far,
    taxes included, and `payee` whom it goes to; None if it does not tell."""

    ours: TransferId
    id: str
    status: TransferStatus
    amount: Money
    code: str = ""
    reference: str = ""
    why: Why = Why.OTHER
    fee: Money | None = None
    payee: BeneficiaryId | None = None


@dataclass(frozen=True, slots=True)
class BeneficiaryFact:
    """A payee as the provider knows it. `name` is what the bank says, empty if the provider does
    not tell. `code` is the reason of a refusal."""

    id: BeneficiaryId
    status: BeneficiaryStatus
    name: str = ""
    code: str = ""
