"""The registry of repositories in MongoDB, by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from adapters.mongo.accounts import MongoAccounts
from adapters.mongo.audit import MongoAudit
from adapters.mongo.avatars import MongoAvatars
from adapters.mongo.bookings import MongoBookings
from adapters.mongo.chats import MongoChats, MongoMessages
from adapters.mongo.clients import MongoClients
from adapters.mongo.codes import MongoCodes, MongoThrottles
from adapters.mongo.context import RepositoryContext
from adapters.mongo.deliveries import MongoDeliveries
from adapters.mongo.developers import MongoDevelopers
from adapters.mongo.documents import CollectionDefinition, MongoDocuments
from adapters.mongo.findings import MongoFindings
from adapters.mongo.idempotency_keys import MongoIdempotencyKeys
from adapters.mongo.identities import MongoIdentities, MongoOAuthStates
from adapters.mongo.jobs import MongoJobs
from adapters.mongo.payments import MongoInbox, MongoPayments
from adapters.mongo.periodic import MongoPeriodicJobs
from adapters.mongo.repository import MongoRepository
from adapters.mongo.scheduling import MongoOutbox
from adapters.mongo.sessions import MongoSessions
from adapters.mongo.stays import MongoStays
from adapters.mongo.suppressions import MongoSuppressions
from adapters.mongo.timeline import MongoTimeline
from adapters.mongo.transactions import MongoTransactions
from ports.documents import Documents, DocumentType, Entity, UndeclaredDocuments

T = TypeVar("T", bound=Entity)

REPOSITORIES: Mapping[str, type[MongoRepository]] = {
    "accounts": MongoAccounts,
    "sessions": MongoSessions,
    "codes": MongoCodes,
    "throttles": MongoThrottles,
    "clients": MongoClients,
    "developers": MongoDevelopers,
    "bookings": MongoBookings,
    "payments": MongoPayments,
    "inbox": MongoInbox,
    "transactions": MongoTransactions,
    "jobs": MongoJobs,
    "deliveries": MongoDeliveries,
    "chats": MongoChats,
    "messages": MongoMessages,
    "timeline": MongoTimeline,
    "audit": MongoAudit,
    "outbox": MongoOutbox,
    "periodic_jobs": MongoPeriodicJobs,
    "findings": MongoFindings,
    "idempotency_keys": MongoIdempotencyKeys,
    "identities": MongoIdentities,
    "oauth_states": MongoOAuthStates,
    "avatars": MongoAvatars,
    "suppressions": MongoSuppressions,
    "stays": MongoStays,
}
"""The names are those of the `Repositories` protocol (ports/store.py)."""

COLLECTIONS: tuple[type[MongoRepository], ...] = tuple(
    collection
    for repository in REPOSITORIES.values()
    for collection in (repository, *repository.extra_collections)
)


class MongoRepositories:
    """All repositories in one context (`ports.store.Repositories`), made on first use, since a
    transaction needs few of them."""

    def __init__(
        self, context: RepositoryContext, definitions: Mapping[str, CollectionDefinition]
    ) -> None:
        self._context = context
        self._definitions = definitions
        self._created: list[MongoRepository] = []

    def documents(self, kind: DocumentType[T]) -> Documents[T]:
        """Raises `UndeclaredDocuments` for a type the store was built without."""
        definition = self._definitions.get(kind.collection)
        if definition is None or definition.kind != kind:
            raise UndeclaredDocuments(kind.collection)
        return MongoDocuments(self._context, definition)

    def __getattr__(self, name: str) -> Any:
        """Create the repository on first access. Raises `AttributeError` for an unknown name."""
        repository = REPOSITORIES.get(name)
        if repository is None:
            raise AttributeError(f"The store has no repository {name!r}.")
        created = repository(self._context)
        self._created.append(created)
        setattr(self, name, created)
        return created

    async def write(self) -> None:
        for repository in self._created:
            await repository.flush()
        if self._context.run is not None:
            await self._context.run.send()
