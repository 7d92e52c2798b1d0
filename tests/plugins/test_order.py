"""The order of calls is pluggy's, and wrappers see what the others return: for every hook."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from adapters.memory.clock import FixedClock
from adapters.memory.store import MemoryStore
from onehour.api import (
    AdapterOffer,
    Booking,
    Capability,
    Link,
    Money,
    PriceLine,
    WebCapability,
    implements,
)
from onehour.plugins import reading
from onehour.testing.extensions import a_booking
from onehour.testing.samples.sample import NOW
from plugins import hookspecs
from plugins.manager import CONTRIBUTIONS, Plugins, WrongPlugin
from ports.extensions import Parts, Vetoed

HOOKS = [name for name in vars(hookspecs) if name.startswith("onehour_")]
Log = list[str]


class Options(BaseModel):
    bank: str = ""


def a_capability(name: str) -> Capability:
    return Capability(name=name, build=lambda dependencies, built: {}, personal_data=None)


def an_offer(name: str) -> AdapterOffer[Any, Any]:
    return AdapterOffer(
        port="mail",
        name=name,
        settings=Options,
        build=lambda settings, resources: None,
        configured=lambda settings: True,
    )


def implementing(
    hook: str, name: str, log: Log, *, tryfirst: bool = False, trylast: bool = False
) -> object:
    """A plugin of one hook that notes its name when it is called."""
    results: dict[str, Callable[[], object]] = {
        "onehour_settings": lambda: type(name, (Options,), {}),
        "onehour_capabilities": lambda: [a_capability(name)],
        "onehour_web": lambda: [WebCapability(name=name)],
        "onehour_adapters": lambda: [an_offer(name)],
    }

    def contribute() -> object:
        log.append(name)
        return results[hook]()

    async def may_book(booking: Booking) -> str | None:
        log.append(name)
        return name

    async def price(booking: Booking) -> list[PriceLine]:
        log.append(name)
        return [PriceLine(name, Money(1))]

    async def handle(event: str) -> None:
        log.append(name)

    async def book(booking: Booking) -> None:
        log.append(name)

    asked: dict[str, Callable[..., object]] = {
        "onehour_book": book,
        "onehour_may_book": may_book,
        "onehour_price": price,
        "onehour_booking_event": handle,
    }
    function = asked.get(hook, contribute)
    return SimpleHook(hook, implements(tryfirst=tryfirst, trylast=trylast)(function))


class SimpleHook:
    """An object with one hook."""

    def __init__(self, hook: str, function: object) -> None:
        setattr(self, hook, function)


def wrapping(hook: str, log: Log) -> object:
    """A plugin that wraps the others' calls, and changes nothing."""

    def wrap() -> Generator[None, list[object], list[object]]:
        log.append("before")
        results = yield
        log.append("after")
        return results

    return SimpleHook(hook, implements(wrapper=True)(wrap))


async def call(plugins: Plugins, hook: str) -> None:
    if hook == "onehour_settings":
        assert plugins.settings_models
    elif hook == "onehour_may_book":
        with pytest.raises(Vetoed):
            await plugins.may_book(a_booking())
    elif hook == "onehour_price":
        assert await plugins.price_lines(a_booking(), {})
    elif hook == "onehour_book":
        await plugins.take_part(MemoryStore(FixedClock(NOW)).repositories, a_booking(), {}, Parts())
    elif hook == "onehour_booking_event":
        for listener in plugins.listeners:
            await plugins.deliver(listener, "paid", {})
    else:
        assert getattr(plugins, hook.removeprefix("onehour_"))


@pytest.mark.parametrize("hook", HOOKS)
async def test_plugins_are_called_in_the_order_of_the_setting(hook: str) -> None:
    plugins, log = Plugins(), Log()
    for name in ("first", "second", "third"):
        plugins.add(implementing(hook, name, log), name)

    await call(plugins, hook)

    assert log == ["first", "second", "third"]


@pytest.mark.parametrize("hook", [hook for hook in HOOKS if hook != "onehour_settings"])
async def test_tryfirst_is_called_first_and_trylast_last(hook: str) -> None:
    plugins, log = Plugins(), Log()
    plugins.add(implementing(hook, "late", log, trylast=True), "late")
    plugins.add(implementing(hook, "middle", log), "middle")
    plugins.add(implementing(hook, "early", log, tryfirst=True), "early")

    await call(plugins, hook)

    assert log == ["early", "middle", "late"]


async def test_the_settings_of_each_plugin_are_its_own_whatever_the_order() -> None:
    plugins, log = reading({"ONEHOUR_PLUGIN_B_BANK": "north"}), Log()
    plugins.add(implementing("onehour_settings", "a", log, trylast=True), "a")
    plugins.add(implementing("onehour_settings", "b", log, tryfirst=True), "b")

    values = {
        name: plugins.context.settings(model) for name, model in plugins.settings_models.items()
    }

    assert {name: type(each).__name__ for name, each in values.items()} == {"a": "a", "b": "b"}
    assert [values[name].model_dump() for name in ("a", "b")] == [{"bank": ""}, {"bank": "north"}]


@pytest.mark.parametrize("hook", HOOKS)
async def test_a_wrapper_is_called_around_the_others(hook: str) -> None:
    plugins, log = Plugins(), Log()
    plugins.add(implementing(hook, "plain", log), "plain")
    plugins.add(wrapping(hook, log), "wrapper")

    await call(plugins, hook)

    around = ["before", "after", "plain"]  # async hooks are awaited after the call
    if hook in CONTRIBUTIONS:
        around = ["before", "plain", "after"]
    assert log == around


async def test_a_wrapper_changes_what_the_others_contribute() -> None:
    class Renames:
        @implements(wrapper=True)
        def onehour_web(
            self,
        ) -> Generator[None, list[list[WebCapability]], list[list[WebCapability]]]:
            results = yield
            more = WebCapability(name="more", navigation=(Link("More", "/more"),))
            return [*results, [more]]

    plugins, log = Plugins(), Log()
    plugins.add(Renames, "renames")
    plugins.add(implementing("onehour_web", "plain", log), "plain")

    assert [record.name for record in plugins.web] == ["plain", "more"]


async def test_a_wrapper_changes_an_answer() -> None:
    class Polite:
        @implements(wrapper=True)
        def onehour_may_book(
            self,
        ) -> Generator[None, list[Awaitable[str | None]], list[Awaitable[str | None]]]:
            return [polite(answer) for answer in (yield)]

    async def polite(answer: Awaitable[str | None]) -> str | None:
        reason = await answer
        return f"Sorry: {reason}" if reason else None

    plugins, log = Plugins(), Log()
    plugins.add(implementing("onehour_may_book", "strict", log), "strict")
    plugins.add(Polite, "polite")

    with pytest.raises(Vetoed, match=r"^Sorry: strict$"):
        await plugins.may_book(a_booking())


class FailsBefore:
    @implements(wrapper=True)
    def onehour_may_book(self) -> Generator[None, object, object]:
        raise ZeroDivisionError
        return (yield)

    @implements(wrapper=True)
    def onehour_booking_event(self) -> Generator[None, object, object]:
        raise ZeroDivisionError
        return (yield)


class FailsAfter:
    @implements(wrapper=True)
    def onehour_may_book(self) -> Generator[None, object, object]:
        yield
        raise ZeroDivisionError

    @implements(wrapper=True)
    def onehour_booking_event(self) -> Generator[None, object, object]:
        yield
        raise ZeroDivisionError


class ReturnsNothing:
    @implements(wrapper=True)
    def onehour_may_book(self) -> Generator[None, object, None]:
        yield

    @implements(wrapper=True)
    def onehour_booking_event(self) -> Generator[None, object, None]:
        yield


@pytest.mark.parametrize("wrapper", [FailsBefore, FailsAfter, ReturnsNothing])
async def test_a_wrapper_that_fails_is_logged_and_left_out(
    wrapper: type, caplog: pytest.LogCaptureFixture
) -> None:
    plugins, log = Plugins(), Log()
    plugins.add(implementing("onehour_may_book", "strict", log), "strict")
    plugins.add(implementing("onehour_booking_event", "listener", log), "listener")
    plugins.add(wrapper, "wrong")

    with pytest.raises(Vetoed, match="strict"):
        await plugins.may_book(a_booking())
    await plugins.deliver("listener", "paid", {})

    assert log == ["strict", "listener"]
    logged = [record.getMessage() for record in caplog.records]
    assert [line for line in logged if "wrong" in line and "onehour_may_book" in line]
    assert [line for line in logged if "wrong" in line and "onehour_booking_event" in line]


async def test_an_event_goes_to_the_plugin_it_is_for_alone() -> None:
    plugins, log = Plugins(), Log()
    for name in ("a", "b"):
        plugins.add(implementing("onehour_booking_event", name, log), name)
    facts: Mapping[str, str] = {"booking": "bkg_1"}

    await plugins.deliver("b", "paid", facts)

    assert log == ["b"]


def test_a_wrapper_that_fails_at_the_start_is_named() -> None:
    class Broken:
        @implements(wrapper=True)
        def onehour_web(self) -> Generator[None, object, object]:
            yield
            raise OSError("no such file")

    plugins = Plugins()
    plugins.add(Broken, "broken")

    with pytest.raises(WrongPlugin) as refused:
        _ = plugins.web

    assert refused.value.message == "The plugin broken failed in onehour_web: no such file."
