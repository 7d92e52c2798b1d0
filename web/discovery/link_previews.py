"""The picture of a profile that other sites show beside a link to it."""

from __future__ import annotations

from quart import Blueprint, Response, redirect, request, url_for
from quart.typing import ResponseReturnValue

from core.developers import Developer, DeveloperId
from web.shared.access import Who, allow
from web.shared.context import services

blueprint = Blueprint("link_previews", __name__)

CACHE_FOREVER = "public, max-age=31536000, immutable"


@blueprint.get("/link-previews/<profile_id>/<digest>.png")
@allow(Who.ANYONE, cookies=False)
async def show(profile_id: str, digest: str) -> ResponseReturnValue:
    """Only the present version of a published profile is drawn; others lead to it, so that made-up
    addresses cost one read."""
    developer = await services().developers.get(DeveloperId(profile_id))
    preview = services().discovery.preview_of(developer)
    if digest != preview.digest:
        return redirect(preview_path(developer))
    if digest in request.if_none_match:
        return _cached(Response(status=304), digest)
    picture = await services().discovery.draw(preview)
    response = _cached(Response(picture, content_type="image/png"), digest)
    await response.make_conditional(request)
    return response


@blueprint.app_template_global()
def preview_path(developer: Developer) -> str:
    """The path of the picture, with a hash of what it shows."""
    digest = services().discovery.preview_of(developer).digest
    return url_for("link_previews.show", profile_id=developer.id, digest=digest)


def _cached(response: Response, digest: str) -> Response:
    response.headers["Cache-Control"] = CACHE_FOREVER
    response.set_etag(digest)
    return response
