"""The fields that panels of plugins add to the form of a booking."""

from __future__ import annotations

from collections.abc import Mapping

from core.prices import FIELD_MAXIMUM, FIELDS_MAXIMUM
from ports.extensions import FIELDS

FIELD_PREFIX = "plugin_"


def plugin_fields(given: Mapping[str, str]) -> dict[str, str]:
    """What was typed into the fields that panels of plugins add to the form, by their names without
    the prefix."""
    found = {
        name.removeprefix(FIELD_PREFIX): value[:FIELD_MAXIMUM]
        for name, value in given.items()
        if name.startswith(FIELD_PREFIX)
    }
    return dict(list(found.items())[:FIELDS_MAXIMUM])


def names_in_form(errors: Mapping[str, str]) -> dict[str, str]:
    """Errors whose fields of plugins are named as in the form."""
    before = f"{FIELDS}."
    return {
        FIELD_PREFIX + name.removeprefix(before) if name.startswith(before) else name: text
        for name, text in errors.items()
    }


def of_plugins(errors: Mapping[str, str]) -> dict[str, str]:
    """The errors of the fields of plugins, by their names without the prefix."""
    return {
        name.removeprefix(FIELD_PREFIX): text
        for name, text in errors.items()
        if name.startswith(FIELD_PREFIX)
    }
