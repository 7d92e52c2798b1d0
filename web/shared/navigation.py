"""The links that capabilities add to the main navigation, with their counts."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from quart import Quart, current_app, g
from werkzeug.exceptions import HTTPException

from core.accounts import Account
from core.errors import Forbidden
from web.shared.access import Who, access_of, check
from web.shared.capabilities import Link, WebCapability
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


def install(app: Quart, records: Sequence[WebCapability]) -> None:
    app.extensions["navigation"] = [link for record in records for link in record.navigation]
    app.extensions["administration"] = [
        link for record in records for link in record.administration
    ]
    app.extensions["link_readers"] = dict[str, Who]()


async def navigation() -> Sequence[ShownLink]:
    """The added links of this page: those whose pages the viewer may open. Counts are read once for
    each request; a count that fails is logged and not shown."""
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
    if not (link.on() and _may_open(link.path, account)):
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


def _may_open(path: str, account: Account | None) -> bool:
    """By what the page of the path declares. A page that does not exist, or is not ours, is for
    anyone."""
    readers: dict[str, Who] = current_app.extensions["link_readers"]
    if path not in readers:
        readers[path] = _readers(current_app, path)
    try:
        check(readers[path], account)
    except Forbidden:
        return False
    return True


def _readers(app: Quart, path: str) -> Who:
    try:
        endpoint, _ = app.url_map.bind("").match(urlsplit(path).path, method="GET")
    except HTTPException:
        return Who.ANYONE
    access = access_of(app, endpoint)
    return access.who if access else Who.ANYONE
