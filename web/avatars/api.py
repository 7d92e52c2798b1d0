"""The profile picture of the signed-in account over the API."""

from __future__ import annotations

from pydantic import BaseModel
from quart import Blueprint, Response
from quart_schema import DataSource, document_request, document_response, tag
from quart_schema.pydantic import File
from typing_extensions import TypedDict
from werkzeug.exceptions import RequestEntityTooLarge

from ports.pictures import PictureRefused, PicturesBusy
from web.shared.access import Who, allow
from web.shared.api import API, json_response
from web.shared.context import me, services
from web.shared.errors import Problem
from web.shared.forms import uploaded_file
from web.shared.openapi import document_errors

blueprint = Blueprint("api_avatars", __name__, url_prefix=API)
about = tag(["Accounts"])

PATH = "/me/avatar"


class Upload(BaseModel):
    picture: File


class AvatarSchema(TypedDict):
    avatar_url: str | None


@blueprint.post(PATH)
@allow(Who.SIGNED_IN)
@about
@document_request(Upload, source=DataSource.FORM_MULTIPART)
@document_response(AvatarSchema)
@document_errors(PictureRefused, PicturesBusy, too_large=PictureRefused.code)
async def change() -> Response:
    """Set the profile picture. The body is a multipart form or the picture itself."""
    path = await services().avatars.change(by=me().id, upload=await uploaded_file("picture"))
    return json_response({"avatar_url": path})


@blueprint.delete(PATH)
@allow(Who.SIGNED_IN)
@about
@document_response(AvatarSchema)
async def remove() -> Response:
    """Remove the profile picture."""
    await services().avatars.remove(by=me().id)
    return json_response({"avatar_url": None})


@blueprint.errorhandler(RequestEntityTooLarge)
async def too_large(_: RequestEntityTooLarge) -> Response:
    return await Problem(413, services().avatars.too_large().message, "picture_refused").response()
