"""A world whose process can be killed, or whose request can be cancelled, at each crossing of the
database and of the two providers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

from tests.services.machine.watching import WatchedStore
from tests.services.machine.world import World
from tests.services.test_dispute_kills import KillableStore, Killed

GATEWAY = (
    "open", "fetch_order", "close", "refund", "fetch_chargebacks", "accept_chargeback",
    "send_evidence", "list_settlements", "find_settlement", "settlement_lines",
)  # fmt: skip
PAYOUTS = ("register", "find_beneficiary", "send", "find_transfer")
ENDED = (Killed, asyncio.CancelledError)


class WatchedKillableStore(KillableStore, WatchedStore):
    """`cancels`: only the call at the crossing fails, as when a client has gone away; what its
    `finally` does still works. Otherwise everything fails from there on, as after SIGKILL."""

    cancels = False

    def cross(self) -> None:
        if self.cancels and self.left == 0:
            self.left = None
            raise asyncio.CancelledError
        super().cross()


class KillableWorld(World):
    store: WatchedKillableStore
    store_type = WatchedKillableStore

    def __init__(self) -> None:
        super().__init__()
        for provider, names in ((self.gateway, GATEWAY), (self.payouts, PAYOUTS)):
            for name in names:
                setattr(provider, name, self._crossed_twice(getattr(provider, name)))
        self._again = self._kept()

    def _crossed_twice(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """Before the call has arrived, and before its answer has."""

        async def crossed(*given: Any, **more: Any) -> Any:
            self.store.cross()
            answer = await call(*given, **more)
            self.store.cross()
            return answer

        return crossed

    def crossings(self, work: Coroutine[Any, Any, object]) -> int:
        before = self.store.crossed
        self.run(work)
        return self.store.crossed - before

    def end_at(self, crossing: int, work: Coroutine[Any, Any, object], *, cancels: bool) -> bool:
        """Whether it came so far. Nothing of the process is left afterwards."""
        self.store.left, self.store.cancels = crossing, cancels
        try:
            self.run(work)
            ended = False
        except ENDED:
            ended = True
        while left := asyncio.all_tasks(self.loop):
            self.run(_all(left))
        self.store.left = None
        return ended


async def _all(tasks: set[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)
