"""Withdrawals: developers take their released money to a bank account or a UPI address."""

from pathlib import Path

from core.withdrawals import WithdrawalActivity
from core.withdrawals_messages import (
    EndHold,
    ExpectReview,
    PollTransfer,
    RegisterPayoutAccount,
    SendWithdrawal,
    TransferNews,
    WatchReversal,
    WithdrawalChanged,
)
from core.withdrawals_policy import WithdrawalPolicy
from services.payments import Earnings, MoneyDayService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.withdrawals.accounts import OPEN, PayoutAccountService
from services.withdrawals.balances import BalanceService
from services.withdrawals.documents import PAYOUT_ACCOUNTS, WITHDRAWALS
from services.withdrawals.emails import NOTICES
from services.withdrawals.holds import HoldService
from services.withdrawals.lists import WithdrawalLists
from services.withdrawals.live import WithdrawalLive
from services.withdrawals.outcomes import Outcomes
from services.withdrawals.personal_data import WithdrawalData
from services.withdrawals.providers import NoPayouts, Providers
from services.withdrawals.readiness import Readiness
from services.withdrawals.review import Decision, ReviewService
from services.withdrawals.sending import SendingService
from services.withdrawals.service import Obstacle, Standing, WithdrawalService

__all__ = [
    "CAPABILITY",
    "OPEN",
    "PAYOUT_ACCOUNTS",
    "WITHDRAWALS",
    "BalanceService",
    "Decision",
    "NoPayouts",
    "Obstacle",
    "PayoutAccountService",
    "ReviewService",
    "SendingService",
    "Standing",
    "WithdrawalLists",
    "WithdrawalService",
]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    policy = d.policies[WithdrawalPolicy]
    providers = Providers(known=d.payouts, chosen=d.payout_provider)
    outcomes = Outcomes(clock=d.clock, policy=policy)
    balances = BalanceService(
        store=d.store,
        providers=providers,
        money_days=built[MoneyDayService],
        clock=d.clock,
        policy=policy,
    )
    return {
        "payout_accounts": PayoutAccountService(
            store=d.store, providers=providers, clock=d.clock, policy=policy
        ),
        "withdrawals": WithdrawalService(
            store=d.store, earnings=built[Earnings], clock=d.clock, ids=d.ids, policy=policy
        ),
        "withdrawal_sending": SendingService(
            store=d.store,
            providers=providers,
            readiness=Readiness(
                store=d.store,
                providers=providers,
                balances=balances,
                outcomes=outcomes,
                clock=d.clock,
                policy=policy,
            ),
            outcomes=outcomes,
            clock=d.clock,
            policy=policy,
        ),
        "payout_balances": balances,
        "withdrawal_review": ReviewService(store=d.store, clock=d.clock, policy=policy),
        "withdrawal_holds": HoldService(store=d.store, clock=d.clock, policy=policy),
        "withdrawal_lists": WithdrawalLists(store=d.store),
        "withdrawal_live": WithdrawalLive(live=d.live),
    }


CAPABILITY = Capability(
    name="withdrawals",
    build=build,
    documents=(PAYOUT_ACCOUNTS, WITHDRAWALS),
    messages=(
        RegisterPayoutAccount,
        SendWithdrawal,
        PollTransfer,
        WatchReversal,
        TransferNews,
        ExpectReview,
        EndHold,
        WithdrawalChanged,
    ),
    notices=NOTICES,
    templates=Path(__file__).parent / "templates",
    activity=WithdrawalActivity,
    policy=WithdrawalPolicy,
    personal_data=WithdrawalData(),
)
