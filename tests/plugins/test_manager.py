"""Plugins that fail: wrong ones are reported at start-up, failing calls are isolated."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest

from onehour.api import (
    Booking,
    Built,
    Capability,
    Dependencies,
    PluginContext,
    WebCapability,
    implements,
)
from onehour.testing.running_time import RunningTime
from plugins import calls, hookspecs, manager
from plugins.hookspecs import GROUP
from plugins.manager import Plugins, WrongPlugin
from ports.extensions import Vetoed
from tests.app import MemoryApp, memory_app
from tests.log_lines import lines_of
from tests.plugins.installed import install
from tests.plugins.site import app_with, switched_on


class Raises:
    @implements
    async def onehour_may_book(self, booking: Booking) -> str | None:
        raise ZeroDivisionError

    @implements
    async def onehour_booking_event(self, event: str) -> None:
        raise ZeroDivisionError


class Leaves(Raises):
    @implements
    async def onehour_may_book(self, booking: Booking) -> str | None:
        sys.exit("enough")

    @implements
    async def onehour_booking_event(self, event: str) -> None:
        raise asyncio.CancelledError


class Hangs:
    """Ignores cancellation."""

    def __init__(self) -> None:
        self.end = asyncio.Event()

    async def _hang(self) -> None:
        while not self.end.is_set():
            try:
                await self.end.wait()
            except asyncio.CancelledError:
                continue

    @implements
    async def onehour_may_book(self, booking: Booking) -> str | None:
        await self._hang()
        return "Too late to say no."

    @implements
    async def onehour_booking_event(self, event: str) -> None:
        await self._hang()


class Nonsense:
    @implements
    async def onehour_may_book(self, booking: Booking) -> object:
        return {"no": True}

    @implements
    async def onehour_booking_event(self, event: str, facts: dict[str, str]) -> str:
        facts["booking"] = "another"  # refused: no plugin can change what the others receive
        return "nonsense"


class Refuses:
    def __init__(self, reason: str = "Not today.") -> None:
        self.reason = reason
        self.received: list[str] = []

    @implements
    async def onehour_may_book(self, booking: Booking) -> str | None:
        return self.reason

    @implements
    async def onehour_booking_event(self, event: str, facts: Mapping[str, str]) -> None:
        self.received.append(facts["booking"])


class Misspelt:
    @implements
    async def onehour_may_bok(self, booking: Booking) -> str | None:
        return None


class WrongArgument:
    @implements
    async def onehour_may_book(self, bookng: Booking) -> str | None:
        return None


class NotAsync:
    @implements
    def onehour_may_book(self, booking: Booking) -> str | None:
        return None


class AsyncContribution:
    @implements
    async def onehour_web(self) -> list[WebCapability]:
        return []


class Hashless:
    __hash__ = None  # type: ignore[assignment]

    @implements
    def onehour_web(self) -> list[WebCapability]:
        return []


class OldWrapper:
    @implements(hookwrapper=True)
    def onehour_web(self) -> Iterator[None]:
        yield


class Twice:
    @implements
    def onehour_web(self) -> list[WebCapability]:
        return []

    @implements(specname="onehour_web")
    def more(self) -> list[WebCapability]:
        return []


@pytest.mark.parametrize("plugin", [Raises, Leaves, Nonsense])
async def test_a_plugin_that_fails_stops_no_booking(plugin: type) -> None:
    await _books_and_pays(switched_on(plugin))


async def test_a_plugin_that_hangs_is_stopped_after_its_time_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(calls, "QUESTION_S", 0.05)
    monkeypatch.setattr(calls, "EVENT_S", 0.05)
    hangs = Hangs()

    with RunningTime() as took:
        await _books_and_pays(switched_on(hangs))

    assert took.seconds < 5
    hangs.end.set()
    await asyncio.sleep(0)


async def test_the_failure_of_one_plugin_is_not_the_others(
    caplog: pytest.LogCaptureFixture,
) -> None:
    plugins, listener = switched_on(Raises, "raises"), Refuses()
    plugins.add(Nonsense, "nonsense")
    plugins.add(listener, "listener")
    app = memory_app(extensions=plugins)
    (client, _), developer = await app.client(), await app.developer()

    with pytest.raises(Vetoed, match="Not today"):
        await app.hold(client, developer)
    await plugins.deliver("listener", "paid", {"booking": "bkg_1"})

    assert listener.received == ["bkg_1"]
    logged = [record.getMessage() for record in caplog.records]
    assert "plugin raises in onehour_may_book: failed: ZeroDivisionError()" in logged
    assert "plugin nonsense in onehour_may_book: nonsense: answered {'no': True}" in logged


async def test_the_plugin_that_is_enabled_first_is_called_first() -> None:
    plugins = switched_on(Refuses("First."), "first")
    plugins.add(Refuses("Second."), "second")
    app = memory_app(extensions=plugins)
    (client, _), developer = await app.client(), await app.developer()

    with pytest.raises(Vetoed, match="First"):
        await app.hold(client, developer)


@pytest.mark.parametrize(
    ("plugin", "sentence"),
    [
        (Misspelt, "unknown hook 'onehour_may_bok'"),
        (WrongArgument, "'bookng'"),
        (NotAsync, "onehour_may_book must be async def"),
        (AsyncContribution, "onehour_web must be a plain def"),
        (object, "it implements no hook"),
        (Hashless, "unhashable type: 'Hashless'"),
        (OldWrapper, "onehour_web must be declared with wrapper=True instead of hookwrapper=True"),
        (Twice, "it implements onehour_web twice"),
    ],
)
def test_a_hook_with_a_wrong_signature_is_reported_in_one_sentence(
    plugin: type, sentence: str
) -> None:
    plugins = Plugins()

    with pytest.raises(WrongPlugin, match="The plugin wrong cannot be used") as refusal:
        plugins.add(plugin, "wrong")

    assert sentence in refusal.value.message
    assert "\n" not in refusal.value.message
    plugins.add(Refuses, "wrong")  # the name is free: the refused plugin was removed


class StopsTheStart:
    def __init__(self) -> None:
        sys.exit("The licence has ended.")


class FromTheFuture(Refuses):
    api = 2


class CannotBuild:
    @implements
    def onehour_capabilities(self) -> list[Capability]:
        def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
            sys.exit("no file of rates")

        return [Capability(name="rates", build=build, personal_data=None)]


@pytest.mark.parametrize(
    ("plugin", "sentence"),
    [
        (StopsTheStart, "The plugin wrong cannot be used: The licence has ended."),
        (
            FromTheFuture,
            "The plugin wrong cannot be used: it was written for version 2 of onehour.api, this is "
            "version 1.",
        ),
        (CannotBuild, "The plugin wrong failed to build its services: no file of rates."),
    ],
)
def test_a_plugin_that_stops_the_start_does_it_with_a_sentence(plugin: type, sentence: str) -> None:
    with pytest.raises(WrongPlugin) as refusal:
        app_with(switched_on(plugin, "wrong"))

    assert refusal.value.message == sentence


class TakesOldArgument:
    @implements
    async def onehour_booking_event(self, event: str, facts: Mapping[str, str]) -> None:
        """Takes `facts`, which goes in this test."""


def test_an_argument_that_goes_still_works_and_is_warned_about_once(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    @hookspecs.spec(warn_on_impl_args={"facts": DeprecationWarning("Take event instead of facts.")})
    async def onehour_booking_event(
        event: str, facts: Mapping[str, str], context: PluginContext
    ) -> None:
        """As it would be announced."""

    monkeypatch.setattr(hookspecs, "onehour_booking_event", onehour_booking_event)

    plugins = switched_on(TakesOldArgument, "old")
    plugins.add(Refuses, "other")

    assert lines_of(caplog, "plugins") == [
        "plugin old: Take event instead of facts.",
        "plugin other: Take event instead of facts.",
    ]
    assert plugins.listeners == ["old", "other"]


def test_a_missing_plugin_is_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    install(monkeypatch, there=Refuses)

    with pytest.raises(WrongPlugin) as refusal:
        Plugins().load(["there", "gone"])

    assert refusal.value.message == "ONEHOUR_PLUGINS names gone; installed plugins: there."


def test_a_plugin_that_cannot_be_imported_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("broken", "no_such_module_anywhere:Plugin", GROUP)
    monkeypatch.setattr(manager, "entry_points", lambda group: [point])

    with pytest.raises(WrongPlugin, match="The plugin broken cannot be used: No module named"):
        Plugins().load(["broken"])


def test_a_module_an_object_and_a_class_are_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("listening")
    module.onehour_booking_event = implements(_listen)  # type: ignore[attr-defined]
    install(monkeypatch, module=module, instance=Refuses(), made=Refuses)
    plugins = Plugins()

    plugins.load(["module", "instance", "made", "module"])

    assert plugins.listeners == ["module", "instance", "made"]


async def test_without_plugins_no_hook_is_called(app: MemoryApp) -> None:
    plugins = Plugins()

    assert list(plugins.listeners) == []
    assert (plugins.capabilities, plugins.web, plugins.adapters) == ((), (), ())


async def onehour_booking_event(event: str) -> None:
    """A module's hook."""


_listen = onehour_booking_event


async def _books_and_pays(plugins: Plugins) -> None:
    app = memory_app(extensions=plugins)
    (client, _), developer = await app.client(), await app.developer()

    booking = await app.paid(client, developer)

    assert booking.status == "requested"
    assert not await app.store.repositories.outbox.in_state("dead", limit=1)
    await app.assert_ledger_balances()
