"""The registry of repositories in memory, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from adapters.memory.repositories.accounts import MemoryAccounts
from adapters.memory.repositories.audit import MemoryAudit
from adapters.memory.repositories.avatars import MemoryAvatars
from adapters.memory.repositories.bookings import MemoryBookings
from adapters.memory.repositories.chats import MemoryChats, MemoryMessages
from adapters.memory.repositories.clients import MemoryClients
from adapters.memory.repositories.codes import MemoryCodes, MemoryThrottles
from adapters.memory.repositories.deliveries import MemoryDeliveries
from adapters.memory.repositories.developers import MemoryDevelopers
from adapters.memory.repositories.documents import MemoryDocuments, SortKeys
from adapters.memory.repositories.findings import MemoryFindings
from adapters.memory.repositories.idempotency_keys import MemoryIdempotencyKeys
from adapters.memory.repositories.identities import MemoryIdentities, MemoryOAuthStates
from adapters.memory.repositories.jobs import MemoryJobs
from adapters.memory.repositories.payments import MemoryInbox, MemoryPayments
from adapters.memory.repositories.periodic import MemoryPeriodicJobs
from adapters.memory.repositories.scheduling import MemoryOutbox
from adapters.memory.repositories.sessions import MemorySessions
from adapters.memory.repositories.stays import MemoryStays
from adapters.memory.repositories.suppressions import MemorySuppressions
from adapters.memory.repositories.timeline import MemoryTimeline
from adapters.memory.repositories.transactions import MemoryTransactions
from adapters.memory.tables import TableAccess
from ports.documents import Documents, DocumentType, Entity, UndeclaredDocuments

T = TypeVar("T", bound=Entity)

REPOSITORIES: Mapping[str, Callable[[TableAccess], object]] = {
    "accounts": MemoryAccounts,
    "sessions": MemorySessions,
    "codes": MemoryCodes,
    "throttles": MemoryThrottles,
    "clients": MemoryClients,
    "developers": MemoryDevelopers,
    "bookings": MemoryBookings,
    "payments": MemoryPayments,
    "inbox": MemoryInbox,
    "transactions": MemoryTransactions,
    "jobs": MemoryJobs,
    "deliveries": MemoryDeliveries,
    "chats": MemoryChats,
    "messages": MemoryMessages,
    "timeline": MemoryTimeline,
    "audit": MemoryAudit,
    "outbox": MemoryOutbox,
    "periodic_jobs": MemoryPeriodicJobs,
    "findings": MemoryFindings,
    "idempotency_keys": MemoryIdempotencyKeys,
    "identities": MemoryIdentities,
    "oauth_states": MemoryOAuthStates,
    "avatars": MemoryAvatars,
    "suppressions": MemorySuppressions,
    "stays": MemoryStays,
}
"""The names are those of the `Repositories` protocol (ports/store.py)."""


class MemoryRepositories:
    """All repositories over the same tables (`ports.store.Repositories`), made on first use."""

    def __init__(
        self, tables: TableAccess, kinds: Mapping[str, DocumentType[Any]], keys: SortKeys
    ) -> None:
        self._tables = tables
        self._kinds = kinds
        self._keys = keys

    def documents(self, kind: DocumentType[T]) -> Documents[T]:
        """Raises `UndeclaredDocuments` for a type the store was built without."""
        if self._kinds.get(kind.collection) != kind:
            raise UndeclaredDocuments(kind.collection)
        return MemoryDocuments(self._tables, kind, self._keys)

    async def write(self) -> None:
        """Does nothing: every write takes effect at once."""

    def __getattr__(self, name: str) -> Any:
        """Create the repository on first access. Raises `AttributeError` for an unknown name."""
        repository = REPOSITORIES.get(name)
        if repository is None:
            raise AttributeError(f"The store has no repository {name!r}.")
        created = repository(self._tables)
        setattr(self, name, created)
        return created
