"""Rendering the panels that capabilities add to a slot of a page."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from markupsafe import Markup
from quart import current_app

from web.shared.capabilities import Panel, Slot
from web.shared.context import viewer

log = logging.getLogger(__name__)


async def panels(slot: str, **facts: object) -> Markup:
    """For templates: `{{ panels("profile", developer=developer) }}`. A panel that fails is logged
    and left out, so that one capability cannot break another's page."""
    installed: Sequence[Panel] = current_app.extensions["panels"]
    given = {**facts, "viewer": viewer()}
    parts = [await _rendered(each, given) for each in installed if each.slot == Slot(slot)]
    return Markup("").join(parts)


async def _rendered(panel: Panel, facts: dict[str, object]) -> Markup:
    try:
        html = await panel.render(facts)
    except Exception:
        log.exception("a panel of the slot %s failed", panel.slot)
        return Markup("")
    return Markup(html or "")  # noqa: S704 - templates escape what people write
