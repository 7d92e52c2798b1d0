"""Runs several use cases in every possible order of their transactions.

Each transaction of `TurnStore` waits for its turn twice: before it reads, and before it commits.
What it does between cannot be seen by others, so these orders are all that differ.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextvars import ContextVar
from typing import Any, TypeVar

from adapters.memory.clock import FixedClock
from adapters.memory.store import MemoryStore
from ports.store import Repositories
from services.bootstrap import CAPABILITIES
from services.shared.capabilities import documents_of

T = TypeVar("T")
Outcome = object
ACTOR: ContextVar[int | None] = ContextVar("ACTOR", default=None)


class TurnStore(MemoryStore):
    """`turns` lets the transactions of actors wait; others run at once."""

    def __init__(self, clock: FixedClock) -> None:
        super().__init__(clock, documents=documents_of(CAPABILITIES))
        self.turns: Turns | None = None

    async def _run(self, step: Callable[[Repositories], Awaitable[T]]) -> T:
        await self._turn()

        async def before_the_commit(repositories: Repositories) -> T:
            result = await step(repositories)
            await self._turn()
            return result

        return await super()._run(before_the_commit)

    async def _turn(self) -> None:
        if self.turns and ACTOR.get() is not None:
            await self.turns.wait()


class Turns:
    """Lets one actor go on at a time: the one that `choose` returns of those that wait."""

    def __init__(self, choose: Callable[[int], int]) -> None:
        self._choose = choose
        self._waiting: dict[int, asyncio.Event] = {}
        self._moved = asyncio.Event()

    async def wait(self) -> None:
        actor = ACTOR.get()
        assert actor is not None
        self._waiting[actor] = asyncio.Event()
        self._moved.set()
        await self._waiting[actor].wait()

    async def play(self, work: Sequence[Coroutine[Any, Any, Outcome]]) -> list[Outcome]:
        """The result or the exception of each."""
        tasks = [asyncio.create_task(self._act(n, each)) for n, each in enumerate(work)]
        while not all(task.done() for task in tasks):
            busy = [n for n, task in enumerate(tasks) if not task.done()]
            if set(busy) - set(self._waiting):
                self._moved.clear()
                moved = asyncio.create_task(self._moved.wait())
                await asyncio.wait(
                    [moved, *(tasks[n] for n in busy)], return_when=asyncio.FIRST_COMPLETED
                )
                moved.cancel()
                continue
            ready = sorted(busy)
            self._waiting.pop(ready[self._choose(len(ready))]).set()
        return [task.result() for task in tasks]

    @staticmethod
    async def _act(actor: int, work: Coroutine[Any, Any, Outcome]) -> Outcome:
        ACTOR.set(actor)
        try:
            return await work
        except Exception as error:
            return error


class Order:
    """The choices of one order: those of `path`, then always the first. `taken` has each choice
    and how many there were."""

    def __init__(self, path: Sequence[int]) -> None:
        self._path = path
        self.taken: list[tuple[int, int]] = []

    def choose(self, width: int) -> int:
        at = len(self.taken)
        choice = self._path[at] if at < len(self._path) else 0
        self.taken.append((choice, width))
        return choice

    def following(self) -> list[int] | None:
        """The path of the next order, None after the last one."""
        taken = list(self.taken)
        while taken and taken[-1][0] + 1 == taken[-1][1]:
            taken.pop()
        return [*(choice for choice, _ in taken[:-1]), taken[-1][0] + 1] if taken else None


async def every_order(play: Callable[[Turns], Awaitable[T]]) -> AsyncIterator[T]:
    """The result of `play` in each order."""
    path: list[int] | None = []
    while path is not None:
        order = Order(path)
        yield await play(Turns(order.choose))
        path = order.following()
