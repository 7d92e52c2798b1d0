"""Downloads and previews as pages link to them."""

from __future__ import annotations

from quart import Blueprint, Response, request

from core.files import FileId
from web.files import templating
from web.files.links import to_link
from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.cookies import caller

PATH = "/files"

blueprint = Blueprint("files", __name__, template_folder="templates")
templating.add_globals(blueprint)


@blueprint.get(f"{PATH}/<file_id>")
@allow(Who.PARTY)
async def download(file_id: str) -> Response:
    return to_link(await services().files.link(FileId(file_id), by=me(), caller=caller()))


@blueprint.get(f"{PATH}/<file_id>/preview")
@allow(Who.PARTY)
async def preview(file_id: str) -> Response:
    size = request.args.get("size", "")
    link = await services().files.preview(FileId(file_id), size, by=me(), caller=caller())
    return to_link(link)
