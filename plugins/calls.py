"""Calls of hooks, guarded: a failure names its plugin, and ends with it once the site runs.

pluggy decides who is called and in which order. It is given guarded functions in the place of
the plugins' own, because it does not tell whose result or error it returns.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

from plugins.errors import PluginFailed, WrongPlugin, one_line

log = logging.getLogger(__name__)

QUESTION_S = 2.0
EVENT_S = 10.0

Function = Callable[..., Any]
Ask = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a contribution must return: a list whose items are of `kind`, or such a class."""

    kind: type
    words: str
    single: bool = False

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

    def contribution(self, function: Function, wanted: Wanted, *, wrapper: bool) -> Function:
        """Raises `WrongPlugin` for a failure, and for a result of another type."""

        def call(*args: object, **more: object) -> object:
            with self._named():
                given = function(*args, **more)
            if given is not None:
                self._check(wanted.fits(given), wanted.words)
            return given

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
        and left out."""

        def call(*args: object, **more: object) -> Answer:
            return answer(self, partial(function, *args, **more))

        def wrap(*args: object, **more: object) -> Generator[None, object, object]:
            generator = function(*args, **more)
            try:
                next(generator)
            except (Exception, SystemExit):
                self.log_failure()
                return (yield)
            results = yield
            try:
                generator.send(results)
            except StopIteration as end:
                return self._answers(end.value, results, answer)
            except (Exception, SystemExit):
                self.log_failure()
            return results

        return wrap if wrapper else call

    def log_failure(self) -> None:
        log.exception("plugin %s failed in %s", self.plugin, self.hook)

    def _answers(self, given: object, before: object, answer: type[Answer]) -> object:
        """Coroutines that a wrapper made itself are isolated like everybody's."""
        many = given if isinstance(given, list) else [None]
        awaitable = [each for each in many if isinstance(each, Awaitable)]
        if len(awaitable) < len(many):
            log.error("the wrapper %s of plugin %s must return a list", self.hook, self.plugin)
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

    async def _raised(self) -> tuple[object, BaseException | None]:
        """A task must not end with `SystemExit`: that stops the event loop."""
        try:
            return await self.ask(), None
        except (Exception, SystemExit) as error:
            return None, error

    async def _within(self, limit_s: float) -> tuple[object, object]:
        """The answer and what went wrong, one of which is None. A plugin that is late is
        cancelled, and not waited for."""
        task = asyncio.create_task(self._raised())
        try:
            done, _ = await asyncio.wait({task}, timeout=limit_s)
        finally:
            task.cancel()
        if not done:
            return None, f"took more than {limit_s} s"
        return (None, "cancelled itself") if task.cancelled() else task.result()


class Question(Answer):
    """Its answer is a sentence, or None; also when the plugin fails, is late, or answers
    something else, which is logged."""

    __slots__ = ()

    async def run(self) -> str | None:
        answer, failure = await self._within(QUESTION_S)
        if isinstance(failure, BaseException):
            log.error("plugin %s failed in %s", self.call.plugin, self.call.hook, exc_info=failure)
        elif failure:
            log.error("plugin %s in %s: %s", self.call.plugin, self.call.hook, failure)
        if answer is None or (isinstance(answer, str) and answer):
            return answer
        log.error(
            "plugin %s answered %s with no sentence: %r", self.call.plugin, self.call.hook, answer
        )
        return None


class Delivery(Answer):
    """Raises `PluginFailed` for whatever goes wrong, so that the relay delivers again later."""

    __slots__ = ()

    async def run(self) -> None:
        _, failure = await self._within(EVENT_S)
        if failure is not None:
            what = repr(failure) if isinstance(failure, BaseException) else failure
            raise PluginFailed(f"The plugin {self.call.plugin} failed in {self.call.hook}: {what}.")


async def _same(awaitable: Awaitable[object]) -> object:
    return await awaitable


async def all_of(answers: Sequence[Answer]) -> list[Any]:
    """The answers of plugins that are asked at the same time, in the order of the calls."""
    return await asyncio.gather(*(each.run() for each in answers))
