"""Plugins that fail: wrong ones are reported at start-up, failing calls are isolated."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Mapping
from importlib.metadata import EntryPoint
from types import ModuleType

import pytest
from quart import Blueprint

from plugins import manager
from plugins.api import Booking, implements
from plugins.hookspecs import GROUP
from plugins.manager import PluginMissing, Plugins
from ports.extensions import Vetoed
from tests.app import MemoryApp, memory_app
from tests.plugins.site import switched_on


class Raises:
    @implements
    async def onehour_may_book(self, booking: Booking) -> str | None:
        raise ZeroDivisionError

    @implements
    async def onehour_booking_news(self, event: str) -> None:
        raise ZeroDivisionError


class Leaves(Raises):
    @implements
    async def onehour_may_book(self, booking: Booking) -> str | None:
        sys.exit("enough")

    @implements
    async def onehour_booking_news(self, event: str) -> None:
        raise asyncio.CancelledError


class Hangs:
    """Does not even stop when it is cancelled."""

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
    async def onehour_booking_news(self, event: str) -> None:
        await self._hang()


class Nonsense:
    @implements
    async def onehour_may_book(self, booking: Booking) -> object:
        return {"no": True}

    @implements
    async def onehour_booking_news(self, event: str, facts: dict[str, str]) -> str:
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
    async def onehour_booking_news(self, event: str, facts: Mapping[str, str]) -> None:
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
    async def onehour_navigation(self) -> list[tuple[str, str]]:
        return []


class WrongLinks:
    @implements
    def onehour_navigation(self) -> list[str]:
        return ["/hello"]


class LinkElsewhere:
    @implements
    def onehour_navigation(self) -> list[tuple[str, str]]:
        return [("Hello", "javascript:alert(1)")]


class WrongPages:
    @implements
    def onehour_blueprints(self) -> Blueprint:
        return Blueprint("alone", __name__)


class FailingPages:
    @implements
    def onehour_blueprints(self) -> list[Blueprint]:
        raise OSError("no templates here")


@pytest.mark.parametrize("plugin", [Raises, Leaves, Nonsense])
async def test_a_plugin_that_fails_stops_no_booking(plugin: type) -> None:
    await _books_and_pays(switched_on(plugin))


async def test_a_plugin_that_hangs_is_stopped_after_its_time_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(manager, "QUESTION_S", 0.05)
    monkeypatch.setattr(manager, "NEWS_S", 0.05)
    hangs, began = Hangs(), time.monotonic()

    await _books_and_pays(switched_on(hangs))

    assert time.monotonic() - began < 5
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
    sentence = [record.getMessage() for record in caplog.records]
    assert "plugin raises failed in onehour_may_book" in sentence
    assert "plugin nonsense answered onehour_may_book with no sentence: {'no': True}" in sentence


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
        (AsyncContribution, "onehour_navigation must be a plain def"),
        (object, "it implements no hook"),
    ],
)
def test_a_hook_with_a_wrong_signature_is_reported_in_one_sentence(
    plugin: type, sentence: str
) -> None:
    plugins = Plugins()

    with pytest.raises(PluginMissing, match="The plugin wrong cannot be used") as refusal:
        plugins.add(plugin, "wrong")

    assert sentence in refusal.value.message
    assert "\n" not in refusal.value.message
    plugins.add(Refuses, "wrong")  # the name is free: the misfit has left no trace


@pytest.mark.parametrize(
    ("plugin", "sentence"),
    [
        (WrongLinks, 'onehour_navigation .* wrong must give a list of .* begins with "/"'),
        (LinkElsewhere, "onehour_navigation .* wrong must give a list of"),
        (WrongPages, "onehour_blueprints .* wrong must give a list of blueprints"),
        (FailingPages, "The plugin wrong cannot be used: no templates here"),
    ],
)
def test_a_contribution_of_a_wrong_type_is_reported(plugin: type, sentence: str) -> None:
    plugins = switched_on(plugin, "wrong")

    with pytest.raises(PluginMissing, match=sentence):
        plugins.navigation()
        plugins.blueprints()


def test_a_missing_plugin_is_named_in_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, there=Refuses)

    with pytest.raises(PluginMissing) as refusal:
        Plugins().load(["there", "gone"])

    assert refusal.value.message == "ONEHOUR_PLUGINS names gone; installed plugins: there."


def test_a_plugin_that_cannot_be_imported_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    point = EntryPoint("broken", "no_such_module_anywhere:Plugin", GROUP)
    monkeypatch.setattr(manager, "entry_points", lambda group: [point])

    with pytest.raises(PluginMissing, match="The plugin broken cannot be used: No module named"):
        Plugins().load(["broken"])


def test_a_module_an_object_and_a_class_are_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("listening")
    module.onehour_booking_news = implements(_listen)  # type: ignore[attr-defined]
    _install(monkeypatch, module=module, instance=Refuses(), made=Refuses)
    plugins = Plugins()

    plugins.load(["module", "instance", "made", "module"])

    assert plugins.listeners == ("module", "instance", "made")


async def test_without_plugins_no_hook_is_called(app: MemoryApp) -> None:
    plugins = Plugins()

    assert list(plugins.listeners) == []
    assert (plugins.blueprints(), plugins.navigation(), plugins.gateways({})) == ([], [], {})


async def onehour_booking_news(event: str) -> None:
    """A module's hook."""


_listen = onehour_booking_news


async def _books_and_pays(plugins: Plugins) -> None:
    app = memory_app(extensions=plugins)
    (client, _), developer = await app.client(), await app.developer()

    booking = await app.paid(client, developer)

    assert booking.status == "requested"
    assert not await app.store.repositories.outbox.in_state("dead", limit=1)
    await app.assert_ledger_balances()


class _Installed:
    """An entry point whose plugin is here already."""

    def __init__(self, name: str, plugin: object) -> None:
        self.name, self.plugin = name, plugin

    def load(self) -> object:
        return self.plugin


def _install(monkeypatch: pytest.MonkeyPatch, **plugins: object) -> None:
    points = [_Installed(name, plugin) for name, plugin in plugins.items()]
    monkeypatch.setattr(manager, "entry_points", lambda group: points)
