"""The download of a case bundle."""

from __future__ import annotations

from quart import Response

from core.accounts import Role
from core.disputes import DisputeId
from core.errors import NotFound
from services.disputes import Bundle
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.streamed_bodies import longest_s

TEXTS_S = 3600
"""Seconds for the texts of a bundle, beside the time that its files may take."""


async def bundle_response(dispute_id: str) -> Response:
    """Sent while it is made. Raises `NotFound` for accounts without access."""
    bundle = await _bundle(dispute_id)
    response = Response(bundle.parts, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{bundle.name}"'
    response.timeout = longest_s(bundle.file_bytes) + TEXTS_S
    return response


async def _bundle(dispute_id: str) -> Bundle:
    bundles, viewer = services().bundles, me()
    try:
        return await bundles.for_party(DisputeId(dispute_id), by=viewer.id)
    except NotFound:
        if Role.ADMIN not in viewer.roles:
            raise
    return await bundles.for_administrator(DisputeId(dispute_id), by=viewer, caller=caller())
