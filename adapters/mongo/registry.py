"""The repositories in MongoDB by name: the one place that lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from adapters.mongo.accounts import MongoAccounts
from adapters.mongo.audit import MongoAudit
from adapters.mongo.avatars import MongoAvatars
from adapters.mongo.bookings import MongoBookings
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
}
"""The names are those of the `Repositories` protocol (ports/store.py)."""

COLLECTIONS: tuple[type[MongoRepository], ...] = tuple(
    kept
    for repository in REPOSITORIES.values()
    for kept in (repository, *repository.extra_collections)
)


class MongoRepositories:
    """The repositories over one view of the database (`Repositories`), each made when first used: a
    transaction needs few of them."""

    def __init__(
        self, context: RepositoryContext, definitions: Mapping[str, CollectionDefinition]
    ) -> None:
        self._view = context
        self._definitions = definitions
        self._made: list[MongoRepository] = []

    def documents(self, kind: DocumentType[T]) -> Documents[T]:
        """Raises `UndeclaredDocuments` for a type the store was built without."""
        definition = self._definitions.get(kind.collection)
        if definition is None or definition.kind != kind:
            raise UndeclaredDocuments(kind.collection)
        return MongoDocuments(self._view, definition)

    def __getattr__(self, name: str) -> Any:
        """Called for a name that is not set yet. Raises `AttributeError` for an unknown one."""
        repository = REPOSITORIES.get(name)
        if repository is None:
            raise AttributeError(f"The store has no repository {name!r}.")
        made = repository(self._view)
        self._made.append(made)
        setattr(self, name, made)
        return made

    async def flush(self) -> None:
        """Write what repositories have gathered during a step."""
        for made in self._made:
            await made.flush()
