"""Files and uploads as programs get them."""

from __future__ import annotations

from typing import NotRequired

from typing_extensions import TypedDict

from core.files import FileId, PreviewName, StoredFile
from ports.storage import Link
from services.files import UploadPlan
from web.shared.api import API
from web.shared.schemas import Moment, moment

PATH = f"{API}/files"


class PreviewsSchema(TypedDict):
    """Addresses of previews: pictures that fit in a square of 320 (`small`) or 1600 pixels
    (`large`), or plain text."""

    small: NotRequired[str]
    large: NotRequired[str]
    text: NotRequired[str]


class FileSchema(TypedDict):
    """A file. `media_type` and `kind` (image, pdf, text, archive, audio, video or other) are by its
    content; width and height are those of an image in pixels. `url` leads to the download."""

    id: str
    name: str
    size: int
    media_type: str
    kind: str
    url: str
    previews: PreviewsSchema
    width: int | None
    height: int | None


class PutSchema(TypedDict):
    """The request that uploads the whole file, with exactly these headers."""

    method: str
    url: str
    headers: dict[str, str]


class PartsSchema(TypedDict):
    """To upload in parts: each has `size` bytes, the last one the rest. `urls` has an address for
    each part that is missing, by its number from 1 on; send it with PUT and without headers."""

    size: int
    urls: dict[str, str]


class UploadSchema(TypedDict):
    """An upload. `state`: pending, quarantined, checked, final or refused; `reason` says why it was
    refused. `stored` are the numbers of the parts that are there. Either `put` or `parts` is
    present while it is pending; their addresses are valid until `expires`. `attached`: the file is
    in use."""

    id: str
    state: str
    reason: str
    stored: list[int]
    put: PutSchema | None
    parts: PartsSchema | None
    expires: Moment | None
    attached: bool
    file: FileSchema | None


class UploadStateSchema(TypedDict):
    """The state of an upload."""

    id: str
    state: str


def file(value: StoredFile) -> FileSchema:
    contents = value.contents
    return {
        "id": value.id,
        "name": value.name,
        "size": value.size,
        "media_type": contents.media_type,
        "kind": contents.kind.value,
        "url": download_path(value.id),
        "previews": previews(value),
        "width": contents.width or None,
        "height": contents.height or None,
    }


def previews(value: StoredFile) -> PreviewsSchema:
    found: PreviewsSchema = {}
    for each in value.contents.previews:
        found[each.name.value] = preview_path(value.id, each.name)
    return found


def download_path(file_id: FileId) -> str:
    return f"{PATH}/{file_id}"


def preview_path(file_id: FileId, name: PreviewName) -> str:
    return f"{PATH}/{file_id}/preview?size={name.value}"


def upload(plan: UploadPlan) -> UploadSchema:
    links = [plan.put] if plan.put else list(plan.parts.values())
    return {
        "id": plan.file.id,
        "state": plan.file.state.value,
        "reason": plan.file.reason,
        "stored": list(plan.stored),
        "put": _put(plan.put) if plan.put else None,
        "parts": _parts(plan) if plan.part_size else None,
        "expires": moment(min(link.expires for link in links)) if links else None,
        "attached": plan.file.attached,
        "file": file(plan.file) if plan.file.attempt else None,
    }


def _put(link: Link) -> PutSchema:
    return {"method": link.method, "url": link.url, "headers": dict(link.headers)}


def _parts(plan: UploadPlan) -> PartsSchema:
    urls = {str(number): link.url for number, link in plan.parts.items()}
    return {"size": plan.part_size, "urls": urls}
