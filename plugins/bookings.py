"""What plugins say to a booking, and store with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from core.bookings import Booking
from core.errors import Conflict, Invalid
from core.money import Money
from core.prices import LINES_MAXIMUM, PriceLine, checked_line
from plugins import calls
from plugins.calls import Answer, Call, asked, within
from plugins.errors import PluginFailed, one_line
from plugins.health import Failure, Health, Outcome
from ports.documents import AddDocument, SaveDocument
from ports.extensions import Parts, Vetoed, WrongFields
from ports.store import Duplicate, Repositories, Stale

Write = AddDocument[Any] | SaveDocument[Any]
WRITES_MAXIMUM = 20
"""With one booking, so that no plugin makes its transaction long."""
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


@dataclass(frozen=True, slots=True)
class Given:
    """What a plugin wants to store with a booking, or why it has not said so."""

    writes: Sequence[Write] = ()
    error: Exception | None = None


class Part(Answer):
    """What its plugin wants to store with a booking: `Given`, or None while it is switched off."""

    __slots__ = ()

    async def run(self) -> Given | None:
        call = self.call
        if not call.health.is_on(call.plugin):
            return None
        with call.operation() as operation:
            answer, failure = await within(self.ask, calls.QUESTION_S)
            failure = failure or _wrong_writes(answer)
            if failure is None:
                return Given(answer or ())  # type: ignore[arg-type]
            if _is_refusal(failure.error):
                return Given(error=failure.error)
            operation.outcome = failure.outcome
            error = PluginFailed(failure.what)
            error.__cause__ = failure.error
            return Given(error=error)

    async def store(
        self, given: Given | None, booking: Booking, repositories: Repositories, parts: Parts
    ) -> None:
        """Raises what `Extensions.take_part` says."""
        if given is None:
            if any(line.source == self.call.plugin for line in booking.price_lines):
                raise self._failed(parts, PluginFailed("it is switched off"))
            return
        error = given.error or await _refused_by(repositories, given.writes)
        if error is None:
            return
        if _is_refusal(error):
            raise _refusal(error) from error
        raise self._failed(parts, error)

    def _failed(self, parts: Parts, error: Exception) -> Exception:
        parts.failed = self.call.plugin, error
        return error


def _wrong_writes(answer: object) -> Failure | None:
    """What is wrong with the answer to `onehour_book`."""
    if answer is None:
        return None
    writes = answer if isinstance(answer, list | tuple) else [answer]
    fits = all(
        isinstance(each, AddDocument | SaveDocument) and isinstance(each.entity, each.kind.entity)
        for each in writes
    )
    if fits and len(writes) <= WRITES_MAXIMUM:
        return None
    return Failure(Outcome.NONSENSE, f"{len(writes)} writes, or other things than documents")


async def _refused_by(repositories: Repositories, writes: Sequence[Write]) -> Exception | None:
    """Why the database does not take what a plugin wants to store. Somebody else may have added
    the same since the plugin looked: that is `Stale`, too."""
    try:
        for each in writes:
            documents = repositories.documents(each.kind)
            await (
                documents.add(each.entity)
                if isinstance(each, AddDocument)
                else documents.save(each.entity)
            )
        await repositories.write()
    except Duplicate as error:
        stale = Stale()
        stale.__cause__ = error
        return stale
    except Exception as error:
        return error
    return None


def _is_refusal(error: BaseException | None) -> TypeGuard[Conflict | Invalid]:
    return isinstance(error, Conflict | Invalid) and not isinstance(error, Stale)


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
