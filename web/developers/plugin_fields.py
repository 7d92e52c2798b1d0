"""The fields that panels of plugins add to the form of a booking."""

from __future__ import annotations

from collections.abc import Mapping

from core.prices import FIELD_MAXIMUM, FIELDS_MAXIMUM

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
