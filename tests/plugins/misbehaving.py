"""Plugins that do one wrong thing at every point where the running application calls them."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from enum import StrEnum
from functools import cache
from typing import Any, cast

from core.accounts import Account
from core.money import Money
from onehour.api import (
    Booking,
    Capability,
    Link,
    NoticeKind,
    NoticeWords,
    Notification,
    Panel,
    Slot,
    WebCapability,
    implements,
)

Wrong = Callable[[object], Coroutine[Any, Any, object]]
"""Called with an argument of the hook; what it returns is the answer."""


async def raises(argument: object) -> object:
    raise ZeroDivisionError


async def exits(argument: object) -> object:
    sys.exit("enough")


async def interrupts(argument: object) -> object:
    raise KeyboardInterrupt


async def cancels(argument: object) -> object:
    raise asyncio.CancelledError


async def recurses(argument: object) -> object:
    return await recurses(argument)


async def hangs(argument: object) -> object:
    """Also when it is cancelled, until the end of the test cancels it once more."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        await asyncio.sleep(60)
    return None


async def sleeps(argument: object) -> object:
    time.sleep(60)  # noqa: ASYNC251 - the loop is blocked on purpose
    return None


async def computes(argument: object) -> object:
    number = 0
    while True:
        number += 1


async def answers_nonsense(argument: object) -> object:
    return Unprintable()


async def mutates(argument: object) -> object:
    """What it got, as far as Python allows."""
    if isinstance(argument, Booking):
        object.__setattr__(argument, "rate", Money(1))
        object.__setattr__(argument, "status", "cancelled")
    elif isinstance(argument, Account):
        object.__setattr__(argument, "name", "Mallory")
    elif isinstance(argument, dict):
        argument.clear()
    return None


class Unprintable:
    def __repr__(self) -> str:
        raise RuntimeError

    def __str__(self) -> str:
        raise RuntimeError


WRONG: tuple[Wrong, ...] = (
    raises, exits, interrupts, cancels, recurses, hangs, sleeps, computes, answers_nonsense,
    mutates,
)  # fmt: skip


@cache
def kinds(name: str) -> type[StrEnum]:
    """The kind of timeline entries of the plugin with this name."""
    return cast(type[StrEnum], StrEnum(name, {"DONE": f"{name}_done"}))


class Misbehaving:
    """`calls` counts how often something of it was called."""

    def __init__(self, wrong: Wrong) -> None:
        self.wrong, self.calls = wrong, 0
        self.name = wrong.__name__

    async def _do(self, argument: object) -> Any:
        self.calls += 1
        return await self.wrong(argument)

    def _do_now(self, *arguments: object) -> Any:
        """The same without an event loop: the coroutine runs until it would wait."""
        self.calls += 1
        try:
            self.wrong(arguments[0]).__await__().send(None)
        except StopIteration as end:
            return end.value
        return Unprintable()

    @implements
    def onehour_capabilities(self) -> list[Capability]:
        record = Capability(
            name=self.name,
            build=lambda dependencies, built: {},
            personal_data=None,
            timeline=kinds(self.name),
            notices=(NoticeKind(f"{self.name}_notice", "bookings/accepted"),),
        )
        return [record]

    @implements
    def onehour_web(self) -> list[WebCapability]:
        async def render(facts: Mapping[str, object]) -> str | None:
            for fact in facts.values():
                await self._do(fact)
            return await self._do({})  # type: ignore[no-any-return]

        async def facts_of(entries: Sequence[Notification]) -> Mapping[str, Any]:
            return await self._do(entries) or dict.fromkeys((each.id for each in entries), "")

        record = WebCapability(
            name=self.name,
            panels=(Panel(Slot.BOOKING, render), Panel(Slot.PROFILE, render)),
            navigation=(Link(self.name, f"/{self.name}", count=self._do),),
            timeline={f"{self.name}_done": self._do_now},
            notices=NoticeWords({f"{self.name}_notice": self._do_now}, facts_of),
        )
        return [record]

    @implements
    async def onehour_may_book(self, booking: Booking) -> str | None:
        return await self._do(booking)  # type: ignore[no-any-return]

    @implements
    async def onehour_price(self, booking: Booking) -> Any:
        return await self._do(booking)

    @implements
    async def onehour_book(self, booking: Booking) -> Any:
        return await self._do(booking)

    @implements
    async def onehour_booking_event(self, event: str, facts: Mapping[str, str]) -> None:
        await self._do(facts)
