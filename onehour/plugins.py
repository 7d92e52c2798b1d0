"""The plugins that the settings enable, with their own settings and adapters."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from onehour.adapters import BUILT_IN, Offers
from onehour.sections import (
    PLUGIN_PREFIX,
    plugin_prefix,
    plugin_section,
    refuse_unknown,
    section_names,
)
from onehour.settings import Settings
from plugins.manager import Plugins, WrongPlugin, left
from ports.settings import WrongSetting


def load_plugins(settings: Settings) -> Plugins:
    """The plugins named in ONEHOUR_PLUGINS, and what stays of our others (`left`). Raises
    `WrongPlugin`, and `WrongSetting` for a wrong or unknown name that begins with
    ONEHOUR_PLUGIN_."""
    plugins = reading(settings.plugin_settings)
    plugins.load(settings.plugins)
    for name, lasting in left(plugins.names).items():
        plugins.add(lasting, name, lasting=True)
    check_names(plugins, settings.plugin_settings)
    return plugins


def reading(texts: Mapping[str, str]) -> Plugins:
    """No plugin yet; those that are added read their settings from these texts."""

    def read(model: type[BaseModel], name: str) -> BaseModel:
        return plugin_section(model, name, texts)

    return Plugins(read)


def all_offers(plugins: Plugins) -> Offers:
    """The built-in adapters and those of plugins.

    Raises `WrongPlugin` for a name that is taken, or an adapter whose settings could be mistaken
    for the application's own.
    """
    seen = {(offer.port, offer.name) for offer in BUILT_IN}
    for offer in plugins.adapters:
        if (offer.port, offer.name) in seen:
            raise WrongPlugin(f"Two adapters for {offer.port} are named {offer.name}.")
        seen.add((offer.port, offer.name))
        if not all(name.startswith(PLUGIN_PREFIX) for name in section_names(offer.settings)):
            raise WrongPlugin(
                f"The settings of the adapter {offer.name} must begin with {PLUGIN_PREFIX}."
            )
    return (*BUILT_IN, *plugins.adapters)


def check_names(plugins: Plugins, texts: Mapping[str, str]) -> None:
    """Raises `WrongSetting` for a setting that no enabled plugin has."""
    known: dict[str, str] = {}
    for name, model in plugins.settings_models.items():
        known |= section_names(model, prefix=plugin_prefix(name))
    for offer in all_offers(plugins):
        known |= section_names(offer.settings)
    known = {name: text for name, text in known.items() if name.startswith(PLUGIN_PREFIX)}
    if known:
        refuse_unknown(texts, known)
    for name in texts.keys() - known.keys():
        raise WrongSetting(f"{name} is not a setting of an enabled plugin.")
