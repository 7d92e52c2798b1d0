"""Finding plugins, asking them and telling them - without ever depending on them."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import entry_points
from typing import Any

import pluggy

from core.bookings import Booking
from core.errors import OneHourError
from plugins import hookspecs
from plugins.hookspecs import GROUP
from ports.extensions import Extensions, Vetoed
from ports.payments import PaymentGateway

log = logging.getLogger(__name__)

QUESTION_S = 2.0
NEWS_S = 10.0


class PluginMissing(OneHourError):
    """A plugin that is switched on cannot be used."""


class Plugins(Extensions):
    """The plugins that are switched on. A failure of one is logged and ends at its own door."""

    def __init__(self) -> None:
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)

    def load(self, names: Sequence[str]) -> None:
        """Load installed plugins by entry point name. Raises `PluginMissing` for one that is
        not there or does not fit: a switched-on plugin is wanted, so its absence is told."""
        found = {point.name: point for point in entry_points(group=GROUP)}
        for name in names:
            if name not in found:
                known = ", ".join(sorted(found)) or "none"
                raise PluginMissing(f"ONEHOUR_PLUGINS names {name}; installed plugins: {known}.")
            try:
                self.add(found[name].load(), name)
            except Exception as error:
                raise PluginMissing(f"The plugin {name} cannot be used: {error}") from error

    def add(self, plugin: object, name: str) -> None:
        """Register one. Raises what pluggy says of hooks that do not fit."""
        self._manager.register(plugin, name=name)
        try:
            self._manager.check_pending()
        except pluggy.PluginValidationError:
            self._manager.unregister(name=name)
            raise

    @property
    def listens(self) -> bool:
        return bool(self._manager.hook.onehour_booking_news.get_hookimpls())

    async def may_book(self, booking: Booking) -> None:
        for reason in await self._ask("onehour_may_book", QUESTION_S, booking=booking):
            if isinstance(reason, str) and reason:
                raise Vetoed(reason)

    async def tell(self, event: str, facts: Mapping[str, str]) -> None:
        await self._ask("onehour_booking_news", NEWS_S, event=event, facts=dict(facts))

    def blueprints(self) -> list[Any]:
        return [each for many in self._collect("onehour_blueprints") for each in many]

    def navigation(self) -> list[tuple[str, str]]:
        return [each for many in self._collect("onehour_navigation") for each in many]

    def gateways(self, settings: Mapping[str, str]) -> dict[str, PaymentGateway]:
        offered: dict[str, PaymentGateway] = {}
        for some in self._collect("onehour_gateways", settings=settings):
            offered.update(some)
        return offered

    def _collect(self, hook: str, **facts: object) -> Iterable[Any]:
        return [given for given in getattr(self._manager.hook, hook)(**facts) if given]

    async def _ask(self, hook: str, patience_s: float, **facts: object) -> list[object]:
        """Every plugin's answer that is not None; one that fails or is late has none."""
        implementations = getattr(self._manager.hook, hook).get_hookimpls()
        answers = await asyncio.gather(
            *(_answer(each, patience_s, facts) for each in reversed(implementations))
        )
        return [answer for answer in answers if answer is not None]


async def _answer(
    implementation: pluggy.HookImpl, patience_s: float, facts: Mapping[str, object]
) -> object:
    try:
        given = implementation.function(*[facts[name] for name in implementation.argnames])
        if inspect.isawaitable(given):
            return await asyncio.wait_for(given, patience_s)
        return given
    except Exception:
        log.exception("plugin %s failed in %s", implementation.plugin_name, implementation)
        return None
