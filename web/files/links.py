"""Redirects to links of the storage."""

from __future__ import annotations

from quart import Response

from ports.storage import Link
from web.shared.redirects import leave_site


def to_link(link: Link) -> Response:
    """Redirect to a link of the storage, which may be on another host."""
    return leave_site(link.url)
