"""Wording of audit entries, from the records of the capabilities."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from quart import current_app

from web.shared.timeline import readable


def activity_words(what: str) -> str:
    """The wording of a kind. Of a kind without wording, for example of a plugin that is no longer
    installed, its name in readable form."""
    words = cast(Mapping[str, str], current_app.extensions["activity"])
    return words.get(what) or readable(what)
