"""The database as the services see it: collections, and one transaction per use case.

Every adapter keeps these promises (onehour/testing/store.py):
- what a step wrote is there as a whole, durably, once `transact` has returned, or not at all;
- a step sees its own writes, and no half of anybody else's;
- a unique rule holds against every other writer, at once;
- `save` refuses an entity whose `version` is not the stored one, and counts it up.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from core.errors import Conflict, NotFound
from ports.accounts import Accounts, Sessions
from ports.audit import Audit
from ports.avatars import Avatars
from ports.bookings import Bookings
from ports.clients import Clients
from ports.codes import Codes, Throttles
from ports.deliveries import Deliveries
from ports.developers import Developers
from ports.documents import Documents, DocumentType, Entity
from ports.findings import Findings
from ports.idempotency_keys import IdempotencyKeys
from ports.identities import Identities, OAuthStates
from ports.jobs import Jobs
from ports.payments import Inbox, Payments
from ports.scheduling import Outbox, PeriodicJobs
from ports.suppressions import Suppressions
from ports.timeline import Timeline
from ports.transactions import Transactions

T = TypeVar("T")
E = TypeVar("E", bound=Entity)


class Missing(NotFound):
    """There is nothing here, or it is not yours to see."""

    # The very words for what is somebody else's: an answer must not tell whether an id exists.


class Stale(Conflict):
    """Somebody else has changed this in the meantime. Look again, then decide."""

    code = "stale"


class Duplicate(Conflict):
    """This exists already."""

    code = "duplicate"


class Repositories(Protocol):
    """The collections, as one step of a use case sees them."""

    @property
    def accounts(self) -> Accounts: ...
    @property
    def sessions(self) -> Sessions: ...
    @property
    def codes(self) -> Codes: ...
    @property
    def throttles(self) -> Throttles: ...
    @property
    def clients(self) -> Clients: ...
    @property
    def developers(self) -> Developers: ...
    @property
    def bookings(self) -> Bookings: ...
    @property
    def payments(self) -> Payments: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def transactions(self) -> Transactions: ...
    @property
    def jobs(self) -> Jobs: ...
    @property
    def deliveries(self) -> Deliveries: ...
    @property
    def timeline(self) -> Timeline: ...
    @property
    def audit(self) -> Audit: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def periodic_jobs(self) -> PeriodicJobs: ...
    @property
    def findings(self) -> Findings: ...
    @property
    def idempotency_keys(self) -> IdempotencyKeys: ...
    @property
    def identities(self) -> Identities: ...
    @property
    def oauth_states(self) -> OAuthStates: ...
    @property
    def avatars(self) -> Avatars: ...
    @property
    def suppressions(self) -> Suppressions: ...

    def documents(self, kind: DocumentType[E]) -> Documents[E]:
        """The documents of a declared type, in the same transaction as everything else. Raises
        `UndeclaredDocuments` for a type the store was built without."""
        ...


class Store(Protocol):
    """Where the state of the marketplace lives."""

    @property
    def repositories(self) -> Repositories:
        """For reading and for single writes, each on its own, outside a transaction."""
        ...

    @property
    def repository_names(self) -> frozenset[str]:
        """The names of the repositories this store has; a complete one has all."""
        ...

    async def transact(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        """Run `step` in one transaction, and again on a write conflict.

        A step is pure apart from its books: no gateway, mail, socket or clock inside. Once it
        is committed, relays are woken for the effects it added that are due.
        Raises what the step raises, `Duplicate` (or the collection's own kind of it) for a
        broken unique rule, `Unavailable` when the database does not answer or conflicts never end.
        """
        ...

    async def ready(self) -> None:
        """Raises `Unavailable` when the database does not answer."""
        ...
