"""What all acts of the machine use: choices, running work to its end, and the log of a run."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any, TypeVar

from core import bookings
from core.bookings import Booking
from core.errors import OneHourError
from core.outbox import NotDueYet
from core.transactions import Unbalanced
from tests.services.machine.world import World

T = TypeVar("T")
REFUSALS = (OneHourError, NotDueYet)


class Choices:
    """The choices of one step: each takes a byte. Zero chooses the first, and comes when there is
    no byte left, so that a failing run shrinks towards the usual."""

    def __init__(self, numbers: bytes) -> None:
        self._numbers: Iterator[int] = iter(numbers)
        self.taken: list[object] = []

    def below(self, most: int) -> int:
        chosen = next(self._numbers, 0) % most
        self.taken.append(chosen)
        return chosen

    def of(self, every: Sequence[T]) -> T:
        chosen = every[next(self._numbers, 0) % len(every)]
        self.taken.append(chosen if isinstance(chosen, str | int) else getattr(chosen, "id", "?"))
        return chosen

    def flag(self) -> bool:
        return bool(self.below(2))

    def recent(self, every: Sequence[T], most: int = 3) -> T:
        """One of the last ones."""
        return every[-1 - self.below(min(most, len(every)))]


class Acting:
    """`acts` of the subclasses return False when there is nothing that they are about."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.app, self.services = world.app, world.services
        self.gateway, self.payouts = world.gateway, world.payouts
        self.names = 0
        self.log: list[str] = []

    def do(self, coroutine: Coroutine[Any, Any, T]) -> T | None:
        """Run to the end; a refusal is allowed, any other exception is a defect."""
        try:
            return self.world.run(coroutine)
        except Unbalanced:
            raise
        except REFUSALS:
            return None

    def together(self, *work: Coroutine[Any, Any, object]) -> None:
        """At the same time; refusals are allowed."""

        async def gathered() -> None:
            for outcome in await asyncio.gather(*work, return_exceptions=True):
                if isinstance(outcome, BaseException) and not isinstance(outcome, REFUSALS):
                    raise outcome

        self.do(gathered())

    def in_state(self, *statuses: bookings.Status) -> list[Booking]:
        return [each for each in self.world.bookings if each.status in statuses]

    def everything_answers(self) -> None:
        self.gateway.down = self.gateway.fail_after_commit = False
        self.gateway.refunds_fail = False
        self.payouts.down = self.payouts.fail_after_commit = False
        self.payouts.transfers_are_lost = False
