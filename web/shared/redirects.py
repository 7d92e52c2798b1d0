"""Redirects: all stay on this site, except those that a route names with `leave_site`."""

from __future__ import annotations

import logging
from typing import cast

from quart import Quart, Response, g, redirect, request

from web.shared.context import site
from web.shared.forms import local_path

log = logging.getLogger(__name__)


def install(app: Quart) -> None:
    app.after_request(keep_on_site)


def leave_site(url: str) -> Response:
    """Redirect to another site. `url` is made by an adapter, for example a provider's log-in page,
    and never taken from the request."""
    response = cast(Response, redirect(url, 303))
    g.leaves_for = response.headers["Location"]
    return response


async def keep_on_site(response: Response) -> Response:
    """Replace a redirect that would leave the site by one to the home page (OWASP ASVS 5.0,
    V1.2.2): by a path that a browser reads as a host, or by the request's `Host`."""
    if response.status_code == 200:
        return response
    target = response.headers.get("Location")
    if target is None or target == g.get("leaves_for") or _stays(target):
        return response
    log.error("%s %s did not redirect to another site", request.method, request.path)
    response.headers["Location"] = "/"
    response.set_data("")
    return response


def _stays(target: str) -> bool:
    base = site().base_url
    path = target.removeprefix(base) if target.startswith(f"{base}/") else target
    return bool(local_path(path))
