"""The download of a case bundle."""

from __future__ import annotations

from quart import Response

from core.accounts import Role
from core.disputes import DisputeId
from core.errors import NotFound
from web.shared.context import me, services
from web.shared.cookies import caller


async def bundle_response(dispute_id: str) -> Response:
    """Sent while it is made. Raises `NotFound` for accounts without access."""
    bundles, viewer = services().bundles, me()
    try:
        name, parts = await bundles.for_party(DisputeId(dispute_id), by=viewer.id)
    except NotFound:
        if Role.ADMIN not in viewer.roles:
            raise
        name, parts = await bundles.for_administrator(
            DisputeId(dispute_id), by=viewer, caller=caller()
        )
    response = Response(parts, content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.timeout = None
    return response
