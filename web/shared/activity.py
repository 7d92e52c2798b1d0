"""Audit entries in words: the records of the capabilities say what each kind is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from quart import current_app

from web.shared.timeline import readable


def activity_words(what: str) -> str:
    """What a person reads. A kind whose capability is no longer installed is made readable."""
    words = cast(Mapping[str, str], current_app.extensions["activity"])
    return words.get(what) or readable(what)
