"""What every hook may ask for: the settings of its plugin, and the built services."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypeVar

from pydantic import BaseModel, SecretBytes, SecretStr

from plugins.errors import WrongPlugin
from services.shared.capabilities import Built

M = TypeVar("M", bound=BaseModel)
S = TypeVar("S")


WITH_PASSWORD = re.compile(r"//[^/@\s]*:[^/@\s]*@")
SECRETS = ("key", "password", "secret", "token")
HIDDEN = "(hidden)"


def shown_settings(settings: BaseModel) -> dict[str, str]:
    """The values by field as texts, for administrators. Hidden are secret types, fields that are
    left out of the `repr`, those whose names say so, and URLs that carry a password."""
    shown = dict[str, str]()
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        is_secret = not field.repr or isinstance(value, SecretStr | SecretBytes)
        is_secret = is_secret or any(word in name.lower().split("_") for word in SECRETS)
        text = "" if value is None else str(value)
        shown[name] = HIDDEN if text and (is_secret or WITH_PASSWORD.search(text)) else text
    return shown


class PluginContext:
    """One for all plugins of a process. Settings and services are found by their class."""

    def __init__(self, settings: Mapping[type[BaseModel], BaseModel]) -> None:
        self._settings = settings
        self._built: Built | None = None

    def settings(self, model: type[M]) -> M:
        """The values of a settings model. Raises `WrongPlugin` for one that no plugin declares
        by the hook `onehour_settings`."""
        found = self._settings.get(model)
        if not isinstance(found, model):
            raise WrongPlugin(f"No plugin declares the settings {model.__name__}.")
        return found

    def service(self, kind: type[S]) -> S:
        """The one service of this class: a plugin's own, or a built-in one.

        For questions, events and requests. Raises `WrongPlugin` while contributions are
        collected, when nothing is built yet, and `WrongCapability` for an unknown class.
        """
        if self._built is None:
            raise WrongPlugin(f"{kind.__name__} is not built yet.")
        return self._built[kind]

    def connect(self, built: Built) -> None:
        """For the composition root: from now on `service` finds these."""
        self._built = built
