"""The links that capabilities add to the main navigation, with their counts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from quart import current_app, g

from core.accounts import Account
from web.shared.capabilities import Link
from web.shared.context import viewer

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShownLink:
    """A link as the viewer sees it. `has_count`: its number is shown, also when it is 0 now and a
    script changes it."""

    label: str
    path: str
    count: int = 0
    counted: str = ""
    has_count: bool = False


async def navigation() -> Sequence[ShownLink]:
    """The added links of this page. Counts are read once for each request; a count that fails is
    logged and not shown."""
    if "navigation" not in g:
        links = cast(Sequence[Link], current_app.extensions["navigation"])
        found = [await _shown(link, viewer()) for link in links]
        g.navigation = [link for link in found if link]
    return cast(Sequence[ShownLink], g.navigation)


def administration() -> Sequence[ShownLink]:
    """The added links of the pages of administrators."""
    links = cast(Sequence[Link], current_app.extensions["administration"])
    return [ShownLink(link.label, link.path) for link in links]


async def _shown(link: Link, account: Account | None) -> ShownLink | None:
    if not link.on():
        return None
    if link.count is None:
        return ShownLink(link.label, link.path)
    if account is None:
        return None
    try:
        count = await link.count(account)
    except Exception:
        log.exception("the count of %s could not be read", link.path)
        count = 0
    if count is None:
        return None
    return ShownLink(link.label, link.path, count, link.counted, has_count=bool(link.counted))
