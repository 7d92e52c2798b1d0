"""Local servers that replace providers which are not configured."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from onehour.adapters import BUILT_IN, Offers
from onehour.settings import Settings, chosen
from ports.adapters import AdapterOffer, LocalServer, LocalServerOffer


def local_servers(settings: Settings, offers: Offers = BUILT_IN) -> list[LocalServer]:
    """The local servers of the chosen adapters, built but not started."""
    return [
        local.build(settings.section(offer.settings), settings.deployment)
        for offer, local in needed(settings, offers)
    ]


def needed(
    settings: Settings, offers: Offers = BUILT_IN
) -> list[tuple[AdapterOffer[Any, Any], LocalServerOffer[Any]]]:
    """The chosen adapters whose provider is not configured and has a local server."""
    return [
        (offer, offer.local_server)
        for offer in chosen(settings, offers)
        if offer.local_server and not offer.configured(settings.section(offer.settings))
    ]


def mounted(inner: Any, servers: Sequence[LocalServer]) -> Any:
    """Requests below a server's path go to it, with the path as their root; all others to
    `inner`, an ASGI application."""
    if not servers:
        return inner

    async def dispatch(scope: dict[str, Any], receive: Any, send: Any) -> None:
        path = scope.get("path", "") if scope["type"] == "http" else ""
        for server in servers:
            if path.startswith(f"{server.path}/"):
                below = path.removeprefix(server.path)
                scope = {**scope, "path": below, "raw_path": below.encode(), "root_path": ""}
                await server.app(scope, receive, send)
                return
        await inner(scope, receive, send)

    return dispatch
