"""A store that records what changes: each transition, the balance of each account, and which
bookings have to be checked again. So a check costs as much as the step that it follows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Mapping
from enum import StrEnum
from typing import Any

from adapters.memory.clock import FixedClock
from adapters.memory.store import MemoryStore
from adapters.memory.tables import OnAdded, Tables
from core import bookings, disputes, jobs, payments, withdrawals
from core.outbox import OutboxMessage
from core.timeline import Entry
from core.transactions import Kind, Transaction
from ports.clock import Clock
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of

Edge = tuple[str, str, str]

TABLES: Mapping[str, Mapping[Any, frozenset[Any]]] = {
    "bookings": bookings.NEXT,
    "payments": payments.NEXT,
    "jobs": jobs.NEXT,
    "documents:disputes": disputes.NEXT,
    "documents:withdrawals": withdrawals.NEXT,
}
EDGES: frozenset[Edge] = frozenset(
    (name, str(before), str(after))
    for name, table in TABLES.items()
    for before, following in table.items()
    for after in following
    if after is not before
)
NEWS = (
    "notifications.", "live.", "reminders.", "audit.", "chats.", "developers.", "files.",
    "plugins.", "accounts.", "calls.", "bookings.remove_files", "bookings.remind_answer",
    "jobs.remind_", "withdrawals.changed",
)  # fmt: skip
"""The beginnings of kinds of messages that move no money and change no booking."""

booked: Counter[Kind] = Counter()
"""How often each kind of entry was added to the ledger, over all runs of this process."""
visited: Counter[Edge] = Counter()
"""How often each step of the state tables was taken, over all runs of this process."""


class WatchedTables(Tables):
    """`news`: whether messages that move no money are stored."""

    def __init__(self, clock: Clock, on_added: OnAdded) -> None:
        super().__init__(clock, on_added)
        self.news = True
        self.forget()

    def forget(self) -> None:
        self.statuses: dict[Hashable, list[StrEnum]] = {}
        self.balances: defaultdict[str, int] = defaultdict(int)
        self.posted: list[Transaction] = []
        self.unchecked: list[Transaction] = []
        self.changed = set[str]()
        """Ids of bookings, payments, jobs, disputes and withdrawals that have changed."""
        self.booking_of: dict[str, str] = {}
        """The booking of each of these ids."""
        self.timeline: defaultdict[str, dict[Hashable, Entry]] = defaultdict(dict)
        """By booking."""
        self.messages: defaultdict[str, dict[str, OutboxMessage]] = defaultdict(dict)
        """Those that are about an id, by that and by their own id."""

    def put(self, name: str, key: Hashable, row: object) -> None:
        if name == "outbox":
            assert isinstance(row, OutboxMessage)
            if not self.news and row.kind.startswith(NEWS):
                return
            for value in row.payload.values():
                self.messages[value][row.id] = row
                self.changed.add(value)
        elif name == "transactions":
            assert isinstance(row, Transaction)
            assert key not in self.rows[name], f"{key} was posted before"
            self._post(row)
        elif name == "timeline":
            assert isinstance(row, Entry)
            self.timeline[row.booking_id][key] = row
        elif name in TABLES:
            self._look(name, key, row)
        super().put(name, key, row)

    def _post(self, entry: Transaction) -> None:
        for line in entry.lines:
            self.balances[line.account] += line.amount.amount
        booked[entry.kind] += 1
        self.posted.append(entry)
        self.unchecked.append(entry)
        self.changed.add(entry.booking_id or "")

    def _look(self, name: str, key: Hashable, row: Any) -> None:
        self.changed.add(row.id)
        if name == "bookings":
            self.booking_of |= dict.fromkeys((row.id, row.payment_id, row.job_id), row.id)
        elif name == "documents:disputes":
            self.booking_of[row.id] = row.booking_id
        seen = self.statuses.setdefault(key, [row.status])
        before = seen[-1]
        if before is row.status:
            return
        assert row.status in TABLES[name][before], f"{key}: {before} may not become {row.status}"
        seen.append(row.status)
        visited[name, str(before), str(row.status)] += 1


class WatchedStore(MemoryStore):
    def __init__(self, clock: FixedClock) -> None:
        super().__init__(clock, documents=documents_of(CAPABILITIES))
        self.seen = WatchedTables(clock, self._notify)
        self._tables = self.seen
        self._repositories = type(self._repositories)(self._tables, self._kinds, self._keys)

    @property
    def messages(self) -> list[OutboxMessage]:
        return list(self.seen.rows["outbox"].values())

    def kept(self) -> Callable[[], None]:
        """Keeps all rows of now; the result brings them back."""
        rows = {name: dict(table) for name, table in self.seen.rows.items()}
        statuses = {key: tuple(seen) for key, seen in self.seen.statuses.items()}

        def bring_back() -> None:
            self.seen.forget()
            self.seen.statuses.update((key, list(seen)) for key, seen in statuses.items())
            self.seen.rows.clear()
            for name, table in rows.items():
                for key, row in table.items():
                    self.seen.put(name, key, row)
            self.seen.unchecked.clear()
            self.conflicts = 0

        return bring_back
