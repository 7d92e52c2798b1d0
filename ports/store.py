"""The store: repositories, and one transaction per use case (unit of work).

Rules for every adapter (onehour/testing/store.py):
- the writes of a step are atomic, and durable when `transact` returns;
- a step sees its own writes and no partial writes of others;
- unique rules are enforced at once, against all writers;
- `save` raises `Stale` for an entity whose `version` is not the stored one, and increments it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from core.errors import Conflict, NotFound, Unavailable
from ports.accounts import Accounts, Sessions
from ports.audit import Audit
from ports.avatars import Avatars
from ports.bookings import Bookings
from ports.calls import Stays
from ports.chats import Chats, Messages
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
    """This does not exist, or you may not see it."""

    # The same text as for a missing permission: a response must not reveal whether an id exists.


class Stale(Conflict):
    """Somebody else has changed this in the meantime. Check it and try again."""

    code = "stale"


class DatabaseUnavailable(Unavailable):
    """A required service does not respond. Nothing was lost. Try again in a moment."""

    service = "the database"


class Duplicate(Conflict):
    """This exists already."""

    code = "duplicate"


class Repositories(Protocol):
    """All repositories, in one transaction or outside of any."""

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
    def chats(self) -> Chats: ...
    @property
    def messages(self) -> Messages: ...
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
    @property
    def stays(self) -> Stays: ...

    def documents(self, kind: DocumentType[E]) -> Documents[E]:
        """The documents of a declared type, in the same transaction as the other repositories.

        Raises `UndeclaredDocuments` for a type that was not passed to the store.
        """
        ...

    async def write(self) -> None:
        """In a step, write what the store has collected so far, so that its errors are raised here.
        For a step that must know whose writes they are; others need not call it."""
        ...


class Store(Protocol):
    """The database of the application."""

    @property
    def repositories(self) -> Repositories:
        """For reads and single writes outside of a transaction."""
        ...

    @property
    def repository_names(self) -> frozenset[str]:
        """The names of the repositories this store has; a complete one has all."""
        ...

    async def transact(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        """Run `step` in one transaction, and again after a write conflict.

        A step must have no side effects outside of its repositories: no gateway, e-mail or
        socket, and it does not read the clock. After the commit, relays are notified of the due
        outbox messages it added.

        Raises what the step raises; `Duplicate` (or the error of the repository) for a violated
        unique rule, and `Stale` or `Missing` for a refused `save`: at the call, or later in the
        step or at its end, because a store may collect the writes; `DatabaseUnavailable` if the
        database does not respond or cannot write, or conflicts do not end.
        """
        ...

    async def ready(self) -> None:
        """Raises `DatabaseUnavailable`, with a message for operators, if the database does not
        respond within seconds, or cannot read and write."""
        ...
