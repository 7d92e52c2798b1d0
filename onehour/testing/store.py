"""The contract of every store: inherit `StoreContract` and provide `store`.

The fixture builds the store on the fixtures `clock` and `wake_ups` and gives it empty to each test:

    class TestMyStore(StoreContract):
        @pytest.fixture
        async def store(self, clock: FixedClock, wake_ups: RecordedWakeUps) -> Store: ...
"""

from __future__ import annotations

from onehour.testing.store_accounts import AccountsContract
from onehour.testing.store_answers import AnswersContract
from onehour.testing.store_audit import AuditContract
from onehour.testing.store_avatars import AvatarsContract
from onehour.testing.store_bookings import BookingsContract
from onehour.testing.store_calls import StaysContract
from onehour.testing.store_chats import ChatsContract
from onehour.testing.store_codes import CodesContract
from onehour.testing.store_developer_words import DeveloperWordsContract
from onehour.testing.store_developers import DevelopersContract
from onehour.testing.store_kinds import KindsContract
from onehour.testing.store_lists import ListsContract
from onehour.testing.store_outbox import OutboxContract
from onehour.testing.store_periodic import PeriodicJobsContract
from onehour.testing.store_reconciliation import ReconciliationContract
from onehour.testing.store_sessions import SessionsContract
from onehour.testing.store_steps import StepsContract
from onehour.testing.store_suppressions import SuppressionsContract
from onehour.testing.store_work import WorkContract
from onehour.testing.suite import Contract


class StoreContract(
    StepsContract,
    KindsContract,
    AccountsContract,
    SessionsContract,
    CodesContract,
    DevelopersContract,
    DeveloperWordsContract,
    BookingsContract,
    ChatsContract,
    WorkContract,
    OutboxContract,
    PeriodicJobsContract,
    AnswersContract,
    ReconciliationContract,
    AuditContract,
    AvatarsContract,
    SuppressionsContract,
    StaysContract,
    ListsContract,
    Contract,
):
    """Transactions first, then every stored kind, then the contract of each repository."""

    port = "store"
