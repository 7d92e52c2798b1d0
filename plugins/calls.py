"""Calls of hooks, guarded: a failure names its plugin, and ends with it once the site runs.

pluggy decides who is called and in which order. It is given guarded functions in the place of
the plugins' own, because it does not tell whose result or error it returns.
"""

from __future__ import annotations

import asyncio
import copy
from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, is_dataclass, replace
from functools import partial
from typing import Any, ClassVar, TypeVar

from plugins.errors import PluginFailed, WrongPlugin, one_line
from plugins.health import Failure, Health, Outcome
from plugins.steps import KeepsLoop, in_steps, run_step
from ports.telemetry import Operation

QUESTION_S = 0.2
"""How long somebody waits for the plugins, which are all asked at the same time."""
EVENT_S = 10.0

Function = Callable[..., Any]
Ask = Callable[[], Awaitable[object]]
Guard = Callable[[Any, "Call"], object]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a contribution must return: a list whose items are of `kind`, or such a class. `guard`
    isolates an item."""

    kind: type
    words: str
    single: bool = False
    guard: Guard | None = None

    def fits(self, given: object) -> bool:
        if self.single:
            return isinstance(given, type) and issubclass(given, self.kind)
        many = isinstance(given, list | tuple)
        return many and all(isinstance(each, self.kind) for each in given)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Call:
    """One hook of one plugin."""

    plugin: str
    hook: str
    health: Health = field(default_factory=Health)

    def named(self, part: str) -> Call:
        """The call of a part of what this hook has contributed."""
        return replace(self, hook=part)

    def operation(self) -> Operation:
        return self.health.operation(self.plugin, self.hook)

    def contribution(self, function: Function, wanted: Wanted, *, wrapper: bool) -> Function:
        """Raises `WrongPlugin` for a failure, and for a result of another type."""

        def call(*args: object, **more: object) -> object:
            with self._named():
                given = function(*args, **more)
            if given is not None:
                self._check(wanted.fits(given), wanted.words)
            return [wanted.guard(each, self) for each in given] if wanted.guard and given else given

        def wrap(*args: object, **more: object) -> Generator[None, object, object]:
            with self._named():
                given = yield from function(*args, **more)
            fits = isinstance(given, list) and all(wanted.fits(each) for each in given)
            self._check(fits, "the list of results it was given, or such a list")
            return given

        return wrap if wrapper else call

    def awaited(self, function: Function, answer: type[Answer], *, wrapper: bool) -> Function:
        """The function of an async hook: calling it does nothing yet, awaiting its result asks
        the plugin. A wrapper gets and returns a list of such results; one that fails is logged
        and left out. Each plugin gets entities of its own, whatever it does to them."""

        def call(*args: object, **more: object) -> Answer:
            given = [own(each) for each in args]
            return answer(self, partial(function, *given, **more))

        def wrap(*args: object, **more: object) -> Generator[None, object, object]:
            generator = function(*args, **more)
            if not self.health.is_on(self.plugin):
                return (yield)
            try:
                run_step(partial(next, generator))
            except BaseException as error:
                self.failed(error)
                return (yield)
            results = yield
            try:
                run_step(partial(generator.send, results))
            except StopIteration as end:
                return self._answers(end.value, results, answer)
            except BaseException as error:
                self.failed(error)
            return results

        return wrap if wrapper else call

    def answered_nonsense(self, what: str) -> None:
        self.health.failed(self.plugin, self.hook, Failure(Outcome.NONSENSE, what))

    def failed(self, error: BaseException) -> None:
        """Whatever the plugin raises: `SystemExit` and `KeyboardInterrupt` are its own, because
        those of the application do not arise in a hook."""
        self.health.failed(self.plugin, self.hook, failure_of(error))

    def late(self, limit_s: float) -> None:
        """It was stopped after its time."""
        failure = Failure(Outcome.LATE, f"took more than {limit_s} s")
        self.health.failed(self.plugin, self.hook, failure)

    def _answers(self, given: object, before: object, answer: type[Answer]) -> object:
        """Coroutines that a wrapper made itself are isolated like everybody's."""
        many = given if isinstance(given, list) else [None]
        awaitable = [each for each in many if isinstance(each, Awaitable)]
        if len(awaitable) < len(many):
            self.answered_nonsense("the wrapper must return a list")
            return before
        return [
            each if isinstance(each, Answer) else answer(self, partial(_same, each))
            for each in awaitable
        ]

    def _check(self, fits: bool, words: str) -> None:
        if not fits:
            raise WrongPlugin(f"{self.hook} of the plugin {self.plugin} must return {words}.")

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except WrongPlugin:
            raise
        except (Exception, SystemExit) as error:
            raise WrongPlugin(
                f"The plugin {self.plugin} failed in {self.hook}: {one_line(error)}."
            ) from error


@dataclass(frozen=True, slots=True)
class Answer:
    """Asks its plugin when it is awaited."""

    call: Call
    ask: Ask

    def __await__(self) -> Generator[Any, None, Any]:
        return self.run().__await__()

    async def run(self) -> object:
        raise NotImplementedError


class Question(Answer):
    """Its answer is of the type `answers`, or None."""

    __slots__ = ()
    answers: ClassVar[type] = str

    async def run(self) -> object:
        return await asked(self.call, self.ask, self.answers)


class Delivery(Answer):
    """Raises `PluginFailed` for whatever goes wrong, so that the relay delivers again later."""

    __slots__ = ()

    async def run(self) -> None:
        call = self.call
        with call.operation() as operation:
            _, failure = await within(self.ask, EVENT_S)
            if failure:
                operation.outcome = failure.outcome
                call.health.failed(call.plugin, call.hook, failure)
                raise PluginFailed(
                    f"The plugin {call.plugin} failed in {call.hook}: {failure.what}."
                )


async def asked(call: Call, ask: Ask, kind: type[T]) -> T | None:
    """The answer of a plugin that somebody waits for, if it is of this kind. None while the plugin
    is switched off, and when it fails, is late or answers something else."""
    if not call.health.is_on(call.plugin):
        return None
    with call.operation() as operation:
        answer, failure = await within(ask, QUESTION_S)
        failure = failure or _nonsense(answer, kind)
        if failure:
            operation.outcome = failure.outcome
            call.health.failed(call.plugin, call.hook, failure)
    return answer if isinstance(answer, kind) else None


def plain(call: Call, ask: Callable[[], object], kind: type[T]) -> T | None:
    """As `asked`, for a plain function."""
    if not call.health.is_on(call.plugin):
        return None
    with call.operation() as operation:
        answer: object = None
        try:
            answer = run_step(ask)
            failure = _nonsense(answer, kind)
        except BaseException as error:
            failure = failure_of(error)
        if failure:
            operation.outcome = failure.outcome
            call.health.failed(call.plugin, call.hook, failure)
    return answer if isinstance(answer, kind) else None


async def within(ask: Ask, limit_s: float) -> tuple[object, Failure | None]:
    """The answer and what went wrong, one of which is None. A plugin that is late is cancelled,
    and not waited for."""
    task = asyncio.create_task(raised(ask))
    try:
        done, _ = await asyncio.wait({task}, timeout=limit_s)
    finally:
        task.cancel()
    if not done:
        return None, Failure(Outcome.LATE, f"took more than {limit_s} s")
    if task.cancelled():
        return None, Failure(Outcome.FAILED, "cancelled itself")
    return task.result()


async def raised(ask: Ask) -> tuple[object, Failure | None]:
    """A task must not end with `SystemExit`: that stops the event loop."""
    try:
        return await in_steps(ask()), None
    except BaseException as error:
        return None, failure_of(error)


def _nonsense(answer: object, kind: type) -> Failure | None:
    if answer is None or isinstance(answer, kind):
        return None
    return Failure(Outcome.NONSENSE, f"answered {_shown(answer)}")


def failure_of(error: BaseException) -> Failure:
    outcome = Outcome.BLOCKED if isinstance(error, KeepsLoop) else Outcome.FAILED
    what = "kept the event loop" if isinstance(error, KeepsLoop) else _shown(error)
    return Failure(outcome, what, error)


def own(value: T) -> T:
    """A copy of an entity, so that no plugin can change what the others get."""
    is_entity = is_dataclass(value) and not isinstance(value, type)
    return copy.deepcopy(value) if is_entity else value


def _shown(value: object) -> str:
    """Its `repr`, which may fail in an object of a plugin."""
    try:
        return repr(value)[:200]
    except BaseException:
        return f"a {type(value).__name__}"


async def _same(awaitable: Awaitable[object]) -> object:
    return await awaitable


async def all_of(answers: Sequence[Answer]) -> list[Any]:
    """The answers of plugins that are asked at the same time, in the order of the calls."""
    return await asyncio.gather(*(each.run() for each in answers))
