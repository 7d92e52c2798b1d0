"""What plugins say to a booking, and store with it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from core.bookings import Booking
from core.errors import Conflict, Invalid
from core.money import Money
from core.prices import LINES_MAXIMUM, PriceLine, checked_line
from plugins.calls import Answer, Call, asked, raised
from plugins.errors import PluginFailed, one_line
from plugins.health import Health, Outcome
from ports.extensions import Parts, Vetoed, WrongFields
from ports.store import Repositories, Stale

PART_S = 1.0
"""How long a plugin may take within the transaction of a booking, where it waits for the
database."""
REFUSAL_MAXIMUM = 200
"""Characters of a message at a field."""


class PriceQuestion(Answer):
    """Its answer is what its plugin refuses in the fields, and its lines for `checked_lines`."""

    __slots__ = ()

    async def run(self) -> tuple[Mapping[str, str], list[PriceLine]]:
        refused = dict[str, str]()

        async def lines_of() -> object:
            try:
                return await self.ask()
            except Invalid as error:
                refused.update(_texts(error))
                return None

        lines = await asked(self.call, lines_of, list) or []
        if len(lines) <= LINES_MAXIMUM and all(isinstance(each, PriceLine) for each in lines):
            named = [replace(each, source=each.source or self.call.plugin) for each in lines]
            return refused, named
        self.call.answered_nonsense(f"{len(lines)} lines, or other things than PriceLine")
        return {}, []


class Part(Answer):
    """What its plugin stores in the transaction of a booking."""

    __slots__ = ()

    async def take(self, booking: Booking, repositories: Repositories, parts: Parts) -> None:
        """Raises what `Extensions.take_part` says."""
        call = self.call
        if not call.health.is_on(call.plugin):
            if any(line.source == call.plugin for line in booking.price_lines):
                raise self._failed(parts, PluginFailed("it is switched off"))
            return
        with call.operation() as operation:
            error = await self._error() or await _refused_by(repositories)
            if error is None:
                return
            if isinstance(error, Conflict | Invalid) and not isinstance(error, Stale):
                raise _refusal(error) from error
            operation.outcome = Outcome.FAILED
            raise self._failed(parts, error)

    def _failed(self, parts: Parts, error: Exception) -> Exception:
        parts.failed = self.call.plugin, error
        return error

    async def _error(self) -> Exception | None:
        """What the plugin raises, always an `Exception`. A plugin that is late is waited for a
        little longer, until it has left the transaction."""
        task = asyncio.create_task(raised(self.ask))
        try:
            done, _ = await asyncio.wait({task}, timeout=PART_S)
            if not done:
                task.cancel()
                await asyncio.wait({task}, timeout=PART_S)
                return PluginFailed(f"took more than {PART_S} s")
        finally:
            task.cancel()
        if task.cancelled():
            return PluginFailed("cancelled itself")
        _, failure = task.result()
        if failure is None:
            return None
        if isinstance(failure.error, Exception):
            return failure.error
        stopped = PluginFailed(failure.what)
        stopped.__cause__ = failure.error
        return stopped


async def _refused_by(repositories: Repositories) -> Exception | None:
    """Why the database does not take what the plugin has written."""
    try:
        await repositories.write()
    except Exception as error:
        return error
    return None


def _refusal(error: Conflict | Invalid) -> WrongFields | Vetoed:
    if isinstance(error, Invalid) and error.fields:
        return WrongFields(_texts(error))
    return Vetoed(error.message)


def checked_lines(
    lines: Sequence[PriceLine], health: Health, *, hours: Money
) -> Sequence[PriceLine]:
    """The lines of one plugin as they are stored. None of them counts if one is wrong, which is
    logged and counted."""
    try:
        return [checked_line(each, hours=hours) for each in lines]
    except (Invalid, TypeError, AttributeError) as error:
        Call(lines[0].source, "onehour_price", health).answered_nonsense(one_line(error))
        return []


def _texts(error: Invalid) -> dict[str, str]:
    """What a plugin refuses, by field. Raises the error itself if it says nothing about fields."""
    if not error.fields or not all(isinstance(each, str) for each in error.fields.values()):
        raise error
    return {name: text[:REFUSAL_MAXIMUM] for name, text in error.fields.items()}
