"""Files over the API: uploads straight to the storage, and links to download."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring, validate_request

from core.errors import NotFound
from core.file_usage import QuotaUsedUp, TooManyUploads
from core.files import FileId, FileInUse, Purpose
from ports.storage import PartsMissing, UploadUnknown, WrongSize
from web.files import schemas as schemas
from web.files.links import to_link
from web.shared.access import Who, allow
from web.shared.api import API, Body, Done, Query, json_response, limits
from web.shared.context import me, services
from web.shared.cookies import caller
from web.shared.errors import Problem
from web.shared.openapi import Redirect, document_errors

blueprint = Blueprint("api_files", __name__, url_prefix=API)
about = tag(["Files"])


class UploadRequest(Body):
    """`size` in bytes; `sha256` of the whole file in hexadecimal digits; `type` is the media type
    that the browser thinks it has. Which sizes are allowed depends on the purpose."""

    purpose: Purpose
    name: str = limits(maxLength=1000)
    size: Annotated[int, Field(strict=True, le=2**53)] = limits(minimum=1)
    sha256: str = limits(minLength=64, maxLength=64)
    type: str = Field(default="", max_length=200)


class PreviewQuery(Query):
    """Without a size, the first preview that there is."""

    size: Literal["small", "large", "text"] | None = None


@blueprint.post("/uploads")
@allow(Who.SIGNED_IN)
@about
@validate_request(UploadRequest)
@document_response(schemas.UploadSchema, 201)
@document_errors(QuotaUsedUp, TooManyUploads)
async def begin(data: UploadRequest) -> Response:
    """Begin to upload a file. Send the bytes to the addresses of the answer, then complete it."""
    plan = await services().uploads.begin(
        by=me().id,
        purpose=data.purpose,
        name=data.name,
        size=data.size,
        sha256=data.sha256,
        media_type=data.type,
    )
    return json_response(schemas.upload(plan), 201)


@blueprint.get("/uploads/<file_id>")
@allow(Who.PARTY)
@about
@document_response(schemas.UploadSchema)
async def show(file_id: str) -> Response:
    """An own upload: its state, and fresh addresses for what is missing."""
    plan = await services().uploads.plan(FileId(file_id), by=me().id)
    return json_response(schemas.upload(plan))


@blueprint.post("/uploads/<file_id>/complete")
@allow(Who.PARTY)
@about
@document_response(schemas.UploadStateSchema)
@document_errors(PartsMissing, WrongSize, UploadUnknown)
async def complete(file_id: str) -> Response:
    """All bytes are sent: the file is checked now. The problem `parts_missing` has the numbers of
    the parts to send again, in `parts`."""
    file = await services().uploads.complete(FileId(file_id), by=me().id)
    return json_response({"id": file.id, "state": file.state.value})


@blueprint.delete("/uploads/<file_id>")
@allow(Who.PARTY)
@about
@document_response(Done)
@document_errors(FileInUse)
async def discard(file_id: str) -> Response:
    """Stop an own upload, or remove an own file that is not attached to anything."""
    await services().uploads.discard(FileId(file_id), by=me().id)
    return json_response({"status": "ok"})


@blueprint.get("/files/<file_id>")
@allow(Who.PARTY)
@about
@document_response(Redirect, 303)
async def download(file_id: str) -> Response:
    """Redirect to an address from which the file can be downloaded for five minutes."""
    link = await services().files.link(FileId(file_id), by=me(), caller=caller())
    return to_link(link)


@blueprint.get("/files/<file_id>/preview")
@allow(Who.PARTY)
@about
@validate_querystring(PreviewQuery)
@document_response(Redirect, 303)
@document_errors(NotFound)
async def preview(file_id: str, query_args: PreviewQuery) -> Response:
    """Redirect to a preview. `size`: small or large pictures, or text."""
    found = services().files
    link = await found.preview(FileId(file_id), query_args.size or "", by=me(), caller=caller())
    return to_link(link)


@blueprint.errorhandler(PartsMissing)
async def parts_missing(error: PartsMissing) -> Response:
    more = {"parts": list(error.numbers)}
    return await Problem(409, error.message, error.code, more=more).response()
