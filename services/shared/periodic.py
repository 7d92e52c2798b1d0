"""Periodic jobs, declared on the methods that run them and collected from the services."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from core.periodic import Periodic
from services.shared.declared import declarations

Handler = Callable[[], Awaitable[None]]
"""Does the work of one period. Must be idempotent: after a crash the same period runs again."""
Method = TypeVar("Method", bound=Callable[..., Awaitable[None]])

PERIODIC_ATTRIBUTE = "periodic_job"


@dataclass(frozen=True, slots=True)
class PeriodicTask:
    """A periodic job together with the method that runs it."""

    periodic: Periodic
    run: Handler


def periodic(name: str, *, every: timedelta) -> Callable[[Method], Method]:
    """Declare a service's method, which takes no arguments, as a periodic job.

        @periodic("outbox.watch", every=timedelta(minutes=5))
        async def watch(self) -> None: ...

    Raises `ValueError` for a name or a period that `Periodic` refuses.
    """
    declared = Periodic(name, every)

    def attach(method: Method) -> Method:
        setattr(method, PERIODIC_ATTRIBUTE, declared)
        return method

    return attach


def periodic_of(service: object) -> Iterator[PeriodicTask]:
    """The periodic jobs a service declares."""
    for name, declared in declarations(service, PERIODIC_ATTRIBUTE):
        if isinstance(declared, Periodic):
            yield PeriodicTask(declared, getattr(service, name))
