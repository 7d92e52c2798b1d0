"""The outbox relay: claims due messages, runs their handlers, and schedules retries."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.errors import Unavailable
from core.findings import FindingKind
from core.outbox import NotDueYet, OutboxMessage, State
from core.traces import Trace
from ports.clock import Clock, Ids
from ports.findings import Finding
from ports.store import Store
from ports.telemetry import DONE, FAILED, NO_TELEMETRY, Kind, Telemetry
from services.outbox.completions import Completions
from services.shared.outbox import Handler
from services.shared.shared_reads import claimed_together

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
LONGEST_RUN_S = 25.0
"""Shorter than the lease, so a handler has ended before another relay may start it."""
UNKNOWN_KIND_WAIT = timedelta(minutes=1)
POSTPONED, DEAD, UNKNOWN = "postponed", "dead", "unknown"
"""Outcomes of an attempt, beside `DONE` and `FAILED`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxRelay:
    """Runs due messages. Any number of relays in any number of processes share them by lease."""

    store: Store
    clock: Clock
    ids: Ids
    handlers: Mapping[str, Handler]
    """By kind."""
    telemetry: Telemetry = NO_TELEMETRY

    async def run_due(self, *, limit: int = 32, only: Sequence[str] = ()) -> int:
        """Claim and run due messages; returns how many. `only` restricts them to these ids."""
        running = await self.start_due(limit=limit, only=only)
        await asyncio.gather(*running)
        return len(running)

    async def start_due(
        self, *, limit: int, only: Sequence[str] = ()
    ) -> Sequence[asyncio.Task[None]]:
        """As `run_due`, but returns the running tasks, so that a slow one does not delay others."""
        token = self.ids.secret()
        claimed = await self.store.repositories.outbox.claim(
            now=self.clock.now(), lease=LEASE, token=token, limit=limit, only=only
        )
        completions = Completions(self.store, self.clock, token)
        with claimed_together():
            return [asyncio.create_task(self._run(message, completions)) for message in claimed]

    async def _run(self, message: OutboxMessage, completions: Completions) -> None:
        """One attempt: a trace of its own, caused by that which added the message."""
        cause = Trace.parse(message.trace)
        with self.telemetry.operation(Kind.MESSAGE, message.kind, cause=cause) as operation:
            operation.describe(attempt=message.attempts)
            operation.outcome = await self._attempt(message, completions)

    async def _attempt(self, message: OutboxMessage, completions: Completions) -> str:
        outbox, token = self.store.repositories.outbox, completions.token
        handler = self.handlers.get(message.kind)
        if handler is None:  # from a newer version or a disabled plugin
            until = self.clock.now() + UNKNOWN_KIND_WAIT
            await outbox.postpone(message.id, token=token, until=until)
            return UNKNOWN
        try:
            async with asyncio.timeout(LONGEST_RUN_S):
                await handler(message)
        except NotDueYet as early:
            await outbox.postpone(message.id, token=token, until=early.until)
            return POSTPONED
        except Exception as error:
            return await self._failed(message, error, token)
        await completions.add(message.id, kept=handler.payload.kept)
        return DONE

    async def _failed(self, message: OutboxMessage, error: Exception, token: str) -> str:
        """Schedule a retry. An unavailable service is retried without limit. Any other failure
        makes the message a dead letter after its last attempt, with a finding for operators."""
        log.warning("message %s failed (attempt %d): %r", message.id, message.attempts, error)
        now, repositories = self.clock.now(), self.store.repositories
        unavailable = isinstance(error, Unavailable)
        failed = message.fail(repr(error)[:500], now=now, for_good=not unavailable)
        if await repositories.outbox.fail(failed, token=token) and failed.state is State.DEAD:
            detail = f"{message.kind} failed {message.attempts} times: {failed.last_error}"
            log.error("message %s is dead: %s", message.id, detail)
            await repositories.findings.report(
                Finding(f"dead:{message.id}", FindingKind.DEAD_MESSAGE, message.id, detail, now)
            )
            return DEAD
        return FAILED
