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
from adapters.mongo.collection import Kept
from adapters.mongo.deliveries import MongoDeliveries
from adapters.mongo.developers import MongoDevelopers
from adapters.mongo.documents import MongoDocuments, Plan
from adapters.mongo.findings import MongoFindings
from adapters.mongo.idempotency_keys import MongoIdempotencyKeys
from adapters.mongo.identities import MongoIdentities, MongoOAuthStates
from adapters.mongo.jobs import MongoJobs
from adapters.mongo.payments import MongoInbox, MongoPayments
from adapters.mongo.periodic import MongoPeriodicJobs
from adapters.mongo.scheduling import MongoOutbox
from adapters.mongo.sessions import MongoSessions
from adapters.mongo.suppressions import MongoSuppressions
from adapters.mongo.timeline import MongoTimeline
from adapters.mongo.transactions import MongoTransactions
from adapters.mongo.view import View
from ports.documents import Documents, DocumentType, Entity, UndeclaredDocuments

T = TypeVar("T", bound=Entity)

REPOSITORIES: Mapping[str, type[Kept]] = {
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

COLLECTIONS: tuple[type[Kept], ...] = tuple(
    kept for repository in REPOSITORIES.values() for kept in (repository, *repository.parts)
)


class MongoRepositories:
    """The repositories over one view of the database (`Repositories`), each made when first used: a
    transaction needs few of them."""

    def __init__(self, view: View, plans: Mapping[str, Plan]) -> None:
        self._view = view
        self._plans = plans
        self._made: list[Kept] = []

    def documents(self, kind: DocumentType[T]) -> Documents[T]:
        """Raises `UndeclaredDocuments` for a type the store was built without."""
        plan = self._plans.get(kind.collection)
        if plan is None or plan.kind != kind:
            raise UndeclaredDocuments(kind.collection)
        return MongoDocuments(self._view, plan)

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
