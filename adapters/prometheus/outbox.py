"""The state of the outbox, read from the database when it is asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily, Metric

from core.errors import Unavailable
from ports.clock import Clock
from ports.scheduling import OutboxList
from ports.store import Store

KEPT_FOR = timedelta(seconds=5)
"""However many scrapers there are, a process reads the state this often at most."""
READ_S = 3.0
COUNTED_AT_MOST = 10_000
"""Messages of each kind: further ones are not counted, so that a scrape stays cheap."""


@dataclass(frozen=True, slots=True)
class OutboxState:
    """How long the oldest due message has waited, in seconds; how many messages are due, and how
    many are dead letters."""

    lag_s: float
    due: int
    dead: int


class OutboxReader:
    """Reads the state with three queries, each a bounded range of an index."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._lock = asyncio.Lock()
        self._state: OutboxState | None = None
        self._read_at: datetime | None = None

    async def state(self) -> OutboxState | None:
        """The state, at most `KEPT_FOR` old; None if the database does not answer in time."""
        async with self._lock:
            now = self._clock.now()
            if self._read_at is None or not self._read_at <= now < self._read_at + KEPT_FOR:
                self._state, self._read_at = await self._read(now), now
            return self._state

    async def _read(self, now: datetime) -> OutboxState | None:
        outbox = self._store.repositories.outbox
        try:
            async with asyncio.timeout(READ_S):
                oldest = await outbox.oldest_due(now=now)
                due = await outbox.count_due(now=now, at_most=COUNTED_AT_MOST) if oldest else 0
                dead = await outbox.count(OutboxList.DEAD, at_most=COUNTED_AT_MOST)
        except (Unavailable, TimeoutError):
            return None
        return OutboxState((now - oldest).total_seconds() if oldest else 0.0, due, dead)


def families(state: OutboxState | None) -> Iterable[Metric]:
    """The metrics of the state; without one only that the database is unavailable."""
    up = "Whether the database has answered."
    yield GaugeMetricFamily("onehour_database_up", up, value=float(state is not None))
    if state is None:
        return
    lag = "How long the oldest due outbox message has waited; 0 if none is due."
    yield GaugeMetricFamily("onehour_outbox_lag_seconds", lag, value=state.lag_s)
    due = f"Outbox messages that are due, counted up to {COUNTED_AT_MOST}."
    yield GaugeMetricFamily("onehour_outbox_due", due, value=state.due)
    dead = f"Outbox messages that are dead letters, counted up to {COUNTED_AT_MOST}."
    yield GaugeMetricFamily("onehour_outbox_dead", dead, value=state.dead)
