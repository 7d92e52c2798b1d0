"""The relay: claims what is due, runs its handler, and keeps what did not work for later."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import Unavailable
from core.outbox import OutboxMessage, State
from ports.clock import Clock, Ids
from ports.findings import Finding
from ports.store import Store

log = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, str]], Awaitable[None]]
"""Runs one kind of effect. Must be idempotent: it may run again after it has done its work."""

LEASE = timedelta(seconds=30)
LONGEST_RUN_S = 25.0
"""Shorter than the lease, so a handler has ended before another relay may begin."""
UNKNOWN_KIND_WAIT = timedelta(minutes=1)


class NotDueYet(Exception):
    """A handler's word that its time has not come: ask again at `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until.isoformat()}")
        self.until = until


@dataclass(frozen=True, slots=True)
class OutboxRelay:
    """Runs owed work. Any number of these in any number of processes share it by lease."""

    store: Store
    clock: Clock
    ids: Ids
    handlers: Mapping[str, Handler]

    async def run_due(self, *, limit: int = 32, only: Sequence[str] = ()) -> int:
        """Claim and run what is due now; how many were claimed. `only` names the ids rung for."""
        running = await self.start_due(limit=limit, only=only)
        await asyncio.gather(*running)
        return len(running)

    async def start_due(
        self, *, limit: int, only: Sequence[str] = ()
    ) -> Sequence[asyncio.Task[None]]:
        """As `run_due`, but hands the running work back: one that is slow holds up no other."""
        token = self.ids.secret()
        claimed = await self.store.repositories.outbox.claim(
            now=self.clock.now(), lease=LEASE, token=token, limit=limit, only=only
        )
        return [asyncio.create_task(self._run(message, token)) for message in claimed]

    async def _run(self, message: OutboxMessage, token: str) -> None:
        messages = self.store.repositories.outbox
        handler = self.handlers.get(message.kind)
        if handler is None:  # newer code owes it: leave it to a relay that knows the kind
            until = self.clock.now() + UNKNOWN_KIND_WAIT
            await messages.postpone(message.id, token=token, until=until)
            return
        try:
            await asyncio.wait_for(handler(message.payload), LONGEST_RUN_S)
        except NotDueYet as later:
            await messages.postpone(message.id, token=token, until=later.until)
        except Exception as error:
            await self._failed(message, error, token)
        else:
            await messages.finish(message.id, token=token, now=self.clock.now())

    async def _failed(self, message: OutboxMessage, error: Exception, token: str) -> None:
        """Try again later. What is merely away is waited for as long as it takes; what fails
        otherwise is set aside in the end, and the operators are told."""
        log.warning("effect %s failed (try %d): %r", message.id, message.attempts, error)
        now, repositories = self.clock.now(), self.store.repositories
        away = isinstance(error, Unavailable)
        failed = message.fail(repr(error)[:500], now=now, for_good=not away)
        if await repositories.outbox.fail(failed, token=token) and failed.state is State.DEAD:
            detail = f"{message.kind} failed {message.attempts} times: {failed.last_error}"
            log.error("effect %s is dead: %s", message.id, detail)
            await repositories.findings.report(
                Finding(f"dead:{message.id}", "dead_effect", message.id, detail, now)
            )
