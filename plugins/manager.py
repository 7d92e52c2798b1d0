"""Finds plugins, collects what they contribute, asks them and delivers events to them."""

from __future__ import annotations

import inspect
import logging
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType
from typing import Any

import pluggy
from pydantic import BaseModel

from core.bookings import Booking
from core.prices import PriceLine
from plugins import hookspecs
from plugins.bookings import Part, PriceQuestion, checked_lines
from plugins.calls import Call, Delivery, Question, Wanted, all_of
from plugins.context import PluginContext, shown_settings
from plugins.errors import PluginFailed, WrongPlugin, one_line
from plugins.guards import guarded_capability, guarded_web
from plugins.health import Health
from plugins.hookspecs import GROUP
from plugins.relations import arranged
from ports.adapters import AdapterOffer
from ports.extensions import EnabledPlugin, Extensions, Parts, Vetoed, WrongFields
from ports.store import Repositories
from services.extensions import PluginStates
from services.shared.capabilities import Built, Capability
from web.shared.capabilities import WebCapability

__all__ = ["PluginFailed", "Plugins", "WrongPlugin"]

CONTRIBUTIONS = {
    "onehour_settings": Wanted(BaseModel, "a pydantic model", single=True),
    "onehour_capabilities": Wanted(
        Capability, "a list of Capability records", guard=guarded_capability
    ),
    "onehour_web": Wanted(WebCapability, "a list of WebCapability records", guard=guarded_web),
    "onehour_adapters": Wanted(AdapterOffer, "a list of AdapterOffer records"),
}
AWAITED = {
    "onehour_may_book": Question,
    "onehour_price": PriceQuestion,
    "onehour_book": Part,
    "onehour_booking_event": Delivery,
}

log = logging.getLogger(__name__)

API_VERSION = 1
"""Of `onehour.api` and the hooks. It grows when something that plugins use goes."""

DISTRIBUTION = "onehour"

ReadSettings = Callable[[type[BaseModel], str], BaseModel]
"""The settings of a plugin from its model and its name. Raises `WrongSetting`."""


def installed() -> dict[str, EntryPoint]:
    """The plugins that are installed, enabled or not, by name."""
    return {point.name: point for point in entry_points(group=GROUP)}


def left(names: Collection[str]) -> dict[str, object]:
    """What stays of the plugins of OneHour itself that are not enabled, by name: their attribute
    `lasting`, another plugin. Others are not loaded, since nobody has said to trust them."""
    ours = {
        name: point.load()
        for name, point in installed().items()
        if name not in names and point.dist and point.dist.name == DISTRIBUTION
    }
    return {name: each.lasting for name, each in ours.items() if hasattr(each, "lasting")}


def defaults(model: type[BaseModel], name: str) -> BaseModel:
    """Every setting at its default, whatever the environment says."""
    return model.model_validate({})


class Plugins(Extensions):
    """The enabled plugins, in their order in ONEHOUR_PLUGINS.

    What does not fit is refused at the start (`WrongPlugin`). Afterwards a plugin that fails
    cannot affect a request, nor the delivery of events to other plugins.
    """

    def __init__(self, read: ReadSettings = defaults) -> None:
        self._read = read
        self._plugins: dict[str, object] = {}
        self._lasting = set[str]()
        self.health = Health()
        self._manager = _manager({}, self.health)
        self._warned = set[tuple[str, str, int]]()
        self._versions: dict[str, str] = {}
        self._models: Mapping[str, type[BaseModel]] | None = None
        self._context: PluginContext | None = None
        self._collected: dict[str, tuple[Any, ...]] = {}

    def load(self, names: Sequence[str], *, alone: bool = False) -> None:
        """Load installed plugins by entry point name, and read their settings. `alone`: whatever
        they need and exclude.

        Raises `WrongPlugin` for a plugin that is not installed or cannot be used, and for plugins
        that do not fit together, `WrongSetting` for a wrong value of a setting.
        """
        found = installed()
        plugins = {name: _loaded(name, found) for name in dict.fromkeys(names)}
        for name in plugins:
            if distribution := found[name].dist:
                self._versions[name] = distribution.version
        ordered = list(plugins) if alone else arranged(plugins, self._versions, installed=found)
        for name in ordered:
            self.add(plugins[name], name)
        _ = self.context

    def add(self, plugin: object, name: str, *, lasting: bool = False) -> None:
        """Register a module, an object, or a class, which is made without arguments. `lasting`: it
        is what stays of one that is not enabled, and is not listed.

        Raises `WrongPlugin` when its hooks do not fit; it leaves no trace then.
        """
        try:
            made = plugin() if inspect.isclass(plugin) else plugin
            if name in self._plugins:
                raise ValueError("another plugin has this name")
            _check_api(made)
            plugins = {**self._plugins, name: made}
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                self._manager = _manager(plugins, self.health)
        except (Exception, SystemExit) as error:
            raise _unusable(name, error) from error
        self._warn(name, caught)
        self._plugins, self._models, self._context = plugins, None, None
        self._lasting |= {name} if lasting else set()
        self._collected.clear()

    def _warn(self, name: str, caught: Sequence[warnings.WarningMessage]) -> None:
        """Log once what a plugin uses that goes with the next version."""
        for each in caught:
            key = str(each.message), each.filename, each.lineno
            if key not in self._warned:
                log.warning("plugin %s: %s", name, each.message)
                self._warned.add(key)

    @property
    def context(self) -> PluginContext:
        """With the settings of all plugins, read once. Raises as `load`."""
        if self._context is None:
            settings = self.settings_models
            self._context = PluginContext(
                {model: self._read(model, name) for name, model in settings.items()}
            )
        return self._context

    @property
    def settings_models(self) -> Mapping[str, type[BaseModel]]:
        """The settings model of each plugin that has one, by the plugin's name."""
        if self._models is None:
            found: dict[str, type[BaseModel]] = {}
            for name in self._with("onehour_settings"):
                for model in self._only(name, "onehour_settings")():
                    if model in found.values():
                        raise WrongPlugin(f"Two plugins declare the settings {model.__name__}.")
                    found[name] = model
            self._models = found
        return self._models

    def connect(self, built: Built) -> None:
        """From now on hooks find services by `context.service`, and failures are counted."""
        self.context.connect(built)
        self.health.connect(built[PluginStates])

    @property
    def enabled(self) -> Sequence[EnabledPlugin]:
        return [
            EnabledPlugin(
                name, self._versions.get(name, ""), self._hooks_of(plugin), self._texts(name)
            )
            for name, plugin in self._plugins.items()
            if name not in self._lasting
        ]

    def _hooks_of(self, plugin: object) -> tuple[str, ...]:
        found = self._manager.get_hookcallers(plugin) or []
        return tuple(sorted(hook.name for hook in found))

    def _texts(self, name: str) -> Mapping[str, str]:
        """The settings of a plugin, without secrets."""
        model = self.settings_models.get(name)
        return shown_settings(self.context.settings(model)) if model else {}

    @property
    def names(self) -> Sequence[str]:
        return tuple(name for name in self._plugins if name not in self._lasting)

    @property
    def capabilities(self) -> tuple[Capability, ...]:
        """What plugins add to the services; the same records each time."""
        return self._collect("onehour_capabilities")

    @property
    def web(self) -> tuple[WebCapability, ...]:
        return self._collect("onehour_web")

    @property
    def adapters(self) -> tuple[AdapterOffer[Any, Any], ...]:
        return self._collect("onehour_adapters")

    @property
    def listeners(self) -> Sequence[str]:
        return self._with("onehour_booking_event")

    async def may_book(self, booking: Booking) -> None:
        await self.health.refresh()
        asked = self._hook("onehour_may_book")(booking=booking, context=self.context)
        for reason in await all_of(asked):
            if reason:
                raise Vetoed(reason)

    async def price_lines(self, booking: Booking, fields: Mapping[str, str]) -> Sequence[PriceLine]:
        await self.health.refresh()
        given = MappingProxyType(dict(fields))
        hook = self._hook("onehour_price")
        answers = await all_of(hook(booking=booking, fields=given, context=self.context))
        errors = {name: text for given, _ in answers for name, text in given.items()}
        lines = [
            line
            for _, given in answers
            for line in checked_lines(given, self.health, hours=booking.hours_price)
        ]
        if errors:
            raise WrongFields(errors, lines)
        return lines

    async def take_part(
        self,
        repositories: Repositories,
        booking: Booking,
        fields: Mapping[str, str],
        parts: Parts,
    ) -> None:
        """All are asked at the same time. What was collected is written before and after what each
        wants to store, so that nobody else is blamed for an error."""
        given = MappingProxyType(dict(fields))
        hook = self._hook("onehour_book")
        every = hook(booking=booking, fields=given, context=self.context)
        asked = [part for part in every if part.call.plugin not in parts.left_out]
        for part, wanted in zip(asked, await all_of(asked), strict=True):
            await repositories.write()
            await part.store(wanted, booking, repositories, parts)

    def part_failed(self, plugin: str, error: Exception) -> None:
        Call(plugin, "onehour_book", self.health).failed(error.__cause__ or error)

    async def deliver(self, plugin: str, event: str, facts: Mapping[str, str]) -> None:
        """Raises `PluginFailed`."""
        given = MappingProxyType(dict(facts))
        hook = self._only(plugin, "onehour_booking_event")
        await all_of(hook(event=event, facts=given, context=self.context))

    def _collect(self, name: str) -> tuple[Any, ...]:
        if name not in self._collected:
            given = self._hook(name)(context=self.context)
            self._collected[name] = tuple(each for many in given for each in many)
        return self._collected[name]

    def _hook(self, name: str) -> pluggy.HookCaller:
        caller: pluggy.HookCaller = getattr(self._manager.hook, name)
        return caller

    def _with(self, name: str) -> list[str]:
        """The plugins that implement a hook, wrappers aside, in the order of calls."""
        called = reversed(self._hook(name).get_hookimpls())
        return [each.plugin_name for each in called if not each.wrapper]

    def _only(self, plugin: str, name: str) -> pluggy.HookCaller:
        """The hook of one plugin alone, and the wrappers of all."""
        others = [
            each.plugin
            for each in self._hook(name).get_hookimpls()
            if each.plugin_name != plugin and not each.wrapper
        ]
        return self._manager.subset_hook_caller(name, others)


def _loaded(name: str, found: Mapping[str, EntryPoint]) -> object:
    if name not in found:
        known = ", ".join(sorted(found)) or "none"
        raise WrongPlugin(f"ONEHOUR_PLUGINS names {name}; installed plugins: {known}.")
    try:
        return found[name].load()
    except (Exception, SystemExit) as error:
        raise _unusable(name, error) from error


def _manager(plugins: dict[str, object], health: Health) -> pluggy.PluginManager:
    """Raises whatever does not fit in a plugin."""
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    # pluggy calls those first that were registered last.
    for name, plugin in reversed(plugins.items()):
        hash(plugin)  # which pluggy relies on later
        manager.register(plugin, name=name)
        _guard(manager, plugin, health)
    return manager


def _guard(manager: pluggy.PluginManager, plugin: object, health: Health) -> None:
    """Check what pluggy does not look at, and put the guards around the plugin's functions."""
    hooks = manager.get_hookcallers(plugin)
    if not hooks:
        raise TypeError("it implements no hook")
    for hook in hooks:
        if not hook.has_spec():
            raise TypeError(f"unknown hook {hook.name!r}")
        mine = [each for each in hook.get_hookimpls() if each.plugin is plugin]
        if len(mine) > 1:
            raise TypeError(f"it implements {hook.name} twice")
        _check(hook.name, mine[0])
        guarded = _guarded(hook.name, mine[0], health)
        mine[0].function = guarded  # type: ignore[misc]  # pluggy has no other place for guards


def _check(hook: str, each: pluggy.HookImpl) -> None:
    if each.hookwrapper:
        raise TypeError(f"{hook} must be declared with wrapper=True instead of hookwrapper=True")
    if each.wrapper:
        return
    waits = inspect.iscoroutinefunction(getattr(hookspecs, hook))
    if inspect.iscoroutinefunction(each.function) is not waits:
        raise TypeError(f"{hook} must be {'async def' if waits else 'a plain def'}")


def _guarded(hook: str, each: pluggy.HookImpl, health: Health) -> Callable[..., Any]:
    call = Call(each.plugin_name, hook, health)
    if hook in AWAITED:
        return call.awaited(each.function, AWAITED[hook], wrapper=each.wrapper)
    return call.contribution(each.function, CONTRIBUTIONS[hook], wrapper=each.wrapper)


def _check_api(plugin: object) -> None:
    """A plugin may say which version of `onehour.api` it was written for: `api = 1`."""
    wanted = getattr(plugin, "api", API_VERSION)
    if wanted != API_VERSION:
        raise ValueError(
            f"it was written for version {wanted} of onehour.api, this is version {API_VERSION}"
        )


def _unusable(name: str, error: BaseException) -> WrongPlugin:
    return WrongPlugin(f"The plugin {name} cannot be used: {one_line(error)}.")
