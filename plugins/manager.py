"""Finding plugins, asking them and telling them - without ever depending on them."""

from __future__ import annotations

import asyncio
import inspect
import logging
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import entry_points
from types import MappingProxyType
from typing import Any

import pluggy
from quart import Blueprint

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


class PluginFailed(OneHourError):
    """A plugin failed to handle an event."""

    code = "plugin_failed"


class Plugins(Extensions):
    """The plugins that are switched on, in their order in ONEHOUR_PLUGINS.

    What does not fit is told at the start (`PluginMissing`). Afterwards a failure is logged
    and ends at the plugin's own door.
    """

    def __init__(self) -> None:
        self._manager = _manager()

    def load(self, names: Sequence[str]) -> None:
        """Load installed plugins by entry point name. Raises `PluginMissing` for one that is
        not there or does not fit: a switched-on plugin is wanted, so its absence is told."""
        found = {point.name: point for point in entry_points(group=GROUP)}
        for name in dict.fromkeys(names):
            if name not in found:
                known = ", ".join(sorted(found)) or "none"
                raise PluginMissing(f"ONEHOUR_PLUGINS names {name}; installed plugins: {known}.")
            try:
                plugin = found[name].load()
            except Exception as error:
                raise _unusable(name, error) from error
            self.add(plugin, name)

    def add(self, plugin: object, name: str) -> None:
        """Register a module, an object, or a class, which is made without arguments.

        Raises `PluginMissing` when its hooks do not fit; it leaves no trace then.
        """
        try:
            made = plugin() if inspect.isclass(plugin) else plugin
            for manager in (_manager(), self._manager):  # tried on first
                manager.register(made, name=name)
                manager.check_pending()
                _check_hooks(manager, made)
        except Exception as error:
            raise _unusable(name, error) from error

    @property
    def listeners(self) -> Sequence[str]:
        hooks = self._implementations("onehour_booking_news")
        return tuple(dict.fromkeys(each.plugin_name for each in hooks))

    async def may_book(self, booking: Booking) -> None:
        for name, reason in await self._ask("onehour_may_book", QUESTION_S, booking=booking):
            if isinstance(reason, str) and reason:
                raise Vetoed(reason)
            log.error("plugin %s answered onehour_may_book with no sentence: %r", name, reason)

    async def deliver(self, plugin: str, event: str, facts: Mapping[str, str]) -> None:
        given = {"event": event, "facts": MappingProxyType(dict(facts))}
        for each in self._implementations("onehour_booking_news"):
            if each.plugin_name == plugin:
                await _delivered(each, given)

    def blueprints(self) -> list[Blueprint]:
        given = self._collect("onehour_blueprints", "a list of blueprints", _are_blueprints)
        return [each for many in given for each in many]

    def navigation(self) -> list[tuple[str, str]]:
        wanted = 'a list of (words, path) pairs whose path begins with "/"'
        given = self._collect("onehour_navigation", wanted, _are_links)
        return [(words, path) for many in given for words, path in many]

    def gateways(self, settings: Mapping[str, str]) -> dict[str, PaymentGateway]:
        wanted = "a mapping from the names of gateways to the gateways"
        offered: dict[str, PaymentGateway] = {}
        for some in self._collect("onehour_gateways", wanted, _are_gateways, settings=settings):
            twice = offered.keys() & some.keys()
            if twice:
                raise PluginMissing(f"Two plugins offer the payment gateway {min(twice)}.")
            offered.update(some)
        return offered

    def _collect(
        self, hook: str, wanted: str, fits: Callable[[Any], bool], **facts: object
    ) -> list[Any]:
        """What each plugin contributes. Raises `PluginMissing` for a failure or nonsense."""
        collected = []
        for each in self._implementations(hook):
            try:
                given = _call(each, facts)
            except Exception as error:
                raise _unusable(each.plugin_name, error) from error
            if given is None:
                continue
            if not fits(given):
                raise PluginMissing(f"{hook} of the plugin {each.plugin_name} must give {wanted}.")
            collected.append(given)
        return collected

    async def _ask(self, hook: str, patience_s: float, **facts: object) -> list[tuple[str, object]]:
        """Every plugin's name and answer that is not None; one that fails or is late has none."""
        asked = self._implementations(hook)
        answers = await asyncio.gather(*(_answer(each, patience_s, facts) for each in asked))
        pairs = zip((each.plugin_name for each in asked), answers, strict=True)
        return [(name, answer) for name, answer in pairs if answer is not None]

    def _implementations(self, hook: str) -> list[pluggy.HookImpl]:
        caller: pluggy.HookCaller = getattr(self._manager.hook, hook)
        return caller.get_hookimpls()


def _manager() -> pluggy.PluginManager:
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    return manager


def _check_hooks(manager: pluggy.PluginManager, plugin: object) -> None:
    """What pluggy does not look at: that there is a hook at all, and `async` where it belongs."""
    hooks = manager.get_hookcallers(plugin)
    if not hooks:
        raise TypeError("it implements no hook")
    for hook in hooks:
        (mine,) = (each for each in hook.get_hookimpls() if each.plugin is plugin)
        waits = inspect.iscoroutinefunction(getattr(hookspecs, hook.name))
        if inspect.iscoroutinefunction(mine.function) is not waits:
            raise TypeError(f"{hook.name} must be {'async def' if waits else 'a plain def'}")


async def _answer(each: pluggy.HookImpl, patience_s: float, facts: Mapping[str, object]) -> object:
    """None when it fails or is late; a late one is told to stop, and not waited for."""
    task = asyncio.create_task(_isolated(each, facts))
    try:
        done, _ = await asyncio.wait({task}, timeout=patience_s)
    finally:
        task.cancel()
    if not done:
        log.error("plugin %s took more than %s s: %s", each.plugin_name, patience_s, _name(each))
    return task.result() if done and not task.cancelled() else None


async def _delivered(each: pluggy.HookImpl, facts: Mapping[str, object]) -> None:
    """Raises `PluginFailed` for whatever goes wrong, so that the relay delivers again later."""
    task = asyncio.create_task(_raised(each, facts))
    try:
        done, _ = await asyncio.wait({task}, timeout=NEWS_S)
    finally:
        task.cancel()
    failure: object = f"took more than {NEWS_S} s"
    if done:
        failure = "cancelled itself" if task.cancelled() else task.result()
    if failure is not None:
        raise PluginFailed(f"The plugin {each.plugin_name} failed in {_name(each)}: {failure}.")


async def _raised(each: pluggy.HookImpl, facts: Mapping[str, object]) -> object:
    """What the hook raises, or None. A task must not end with `SystemExit`: it stops the loop."""
    try:
        await _call(each, facts)
    except (Exception, SystemExit) as error:
        return repr(error)
    return None


async def _isolated(each: pluggy.HookImpl, facts: Mapping[str, object]) -> object:
    try:
        return await _call(each, facts)
    except (Exception, SystemExit):
        log.exception("plugin %s failed in %s", each.plugin_name, _name(each))
        return None


def _call(each: pluggy.HookImpl, facts: Mapping[str, object]) -> Any:
    """With the arguments it wants, which may be fewer than there are."""
    return each.function(*(facts[name] for name in each.argnames))


def _name(each: pluggy.HookImpl) -> str:
    return str(each.function.__name__)


def _unusable(name: str, error: Exception) -> PluginMissing:
    return PluginMissing(f"The plugin {name} cannot be used: {' '.join(str(error).split())}.")


def _are_blueprints(given: Any) -> bool:
    return isinstance(given, list | tuple) and all(isinstance(each, Blueprint) for each in given)


def _are_links(given: Any) -> bool:
    return isinstance(given, list | tuple) and all(_is_link(each) for each in given)


def _is_link(given: Any) -> bool:
    match given:
        case (str(words), str(path)):
            return bool(words) and path.startswith("/")
    return False


def _are_gateways(given: Any) -> bool:
    return isinstance(given, Mapping) and all(
        getattr(gateway, "name", None) == name for name, gateway in given.items()
    )
