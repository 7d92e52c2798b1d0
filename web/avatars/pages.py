"""Profile pictures: the form to change the own one, and the public picture."""

from __future__ import annotations

from quart import Blueprint, Response, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from core.accounts import Role
from core.avatars import AvatarId
from core.errors import NotFound
from ports.pictures import PictureRefused, PicturesBusy
from web.shared.access import Who, allow
from web.shared.context import dependencies, me, services, viewer
from web.shared.errors import RETRY_AFTER_S, Problem
from web.shared.forms import read_form, uploaded_file

blueprint = Blueprint("avatars", __name__, template_folder="templates")

PATH = "/account/avatar"
RETRY = {"Retry-After": RETRY_AFTER_S[503]}
CACHE_FOREVER = "public, max-age=31536000, immutable"
SANDBOX_POLICY = "default-src 'none'; sandbox"
"""Prevents scripts, if a browser should interpret a picture as a page."""


@blueprint.get("/avatars/<avatar_id>.webp")
@allow(Who.ANYONE)
async def show(avatar_id: str) -> Response:
    """One read. A changed picture has another URL, so the response can be cached without limit."""
    avatar = await dependencies().store.repositories.avatars.find(AvatarId(avatar_id))
    if avatar is None:
        raise NotFound
    response = Response(avatar.picture, content_type="image/webp")
    response.headers["Cache-Control"] = CACHE_FOREVER
    response.headers["Content-Security-Policy"] = SANDBOX_POLICY
    response.headers["Content-Disposition"] = f'inline; filename="{avatar.id}.webp"'
    response.set_etag(avatar.id)
    await response.make_conditional(request)
    return response


@blueprint.get(PATH)
@allow(Who.SIGNED_IN)
async def edit() -> ResponseReturnValue:
    return await _page()


@blueprint.post(PATH)
@allow(Who.SIGNED_IN)
async def change() -> ResponseReturnValue:
    try:
        await services().avatars.change(by=me().id, upload=await uploaded_file("picture"))
    except PictureRefused as error:
        return await _page(error.message, back=_back(await read_form())), 422
    except PicturesBusy as error:
        return await _page(error.message, back=_back(await read_form())), 503, RETRY
    return redirect(f"{_back(await read_form())}?saved=yes", 303)


@blueprint.post(f"{PATH}/remove")
@allow(Who.SIGNED_IN, page="avatars.edit")
async def remove() -> ResponseReturnValue:
    await services().avatars.remove(by=me().id)
    return redirect(f"{_back(await read_form())}?saved=yes", 303)


@blueprint.errorhandler(RequestEntityTooLarge)
async def too_large(_: RequestEntityTooLarge) -> ResponseReturnValue:
    """The body was refused before it was read, so the other fields of the form are unknown."""
    message = services().avatars.too_large().message
    if viewer() is None:
        return await Problem(413, message, "picture_refused").response()
    return await _page(message), 413


@blueprint.app_template_global()
def avatar_bytes_maximum() -> int:
    """For the form, in templates of several capabilities."""
    return services().avatars.policy.avatar_bytes_maximum


async def _page(error: str = "", *, back: str = "") -> str:
    return await render_template(
        "avatars/edit.html",
        current_avatar=await services().avatars.current_url(by=me().id),
        avatar_error=error,
        avatar_back=back or _home(),
    )


def _back(form: dict[str, str]) -> str:
    """The page that contains the form."""
    back = form.get("back", "")
    return back if back in (url_for("clients.account"), url_for("developers.edit")) else _home()


def _home() -> str:
    page = "developers.edit" if Role.DEVELOPER in me().roles else "clients.account"
    return url_for(page)
