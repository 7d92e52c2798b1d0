"""Renders the panels of the slots of pages."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import cast

from markupsafe import Markup
from quart import Quart, current_app

from web.shared.capabilities import Panel, Slot, WebCapability
from web.shared.context import viewer

log = logging.getLogger(__name__)

NAME = "panels"
NOTHING = Markup("")


def install(app: Quart, records: Iterable[WebCapability]) -> None:
    installed = [panel for record in records for panel in record.panels]
    app.extensions[NAME] = {
        slot: [panel for panel in installed if panel.slot is slot] for slot in Slot
    }


def panels(slot: str, **facts: object) -> str | Awaitable[Markup]:
    """For templates: `{{ panels("profile", developer=developer) }}`. A failed panel is logged and
    omitted, so that a capability cannot break the page of another one.

    Returns a text instead of a coroutine for an empty slot, because lists render a slot per row.
    """
    installed = cast(Mapping[str, Sequence[Panel]], current_app.extensions[NAME])[slot]
    return _all(installed, facts) if installed else ""


async def _all(installed: Sequence[Panel], facts: Mapping[str, object]) -> Markup:
    arguments = {**facts, "viewer": viewer()}
    return NOTHING.join([await _rendered(each, arguments) for each in installed])


async def _rendered(panel: Panel, facts: Mapping[str, object]) -> Markup:
    try:
        html = await panel.render(facts)
    except Exception:
        log.exception("a panel of the slot %s failed", panel.slot)
        return NOTHING
    return Markup(html or "")  # noqa: S704 - templates escape user input
