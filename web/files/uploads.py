"""The page to send files without scripts, and to see which were sent."""

from __future__ import annotations

from typing import BinaryIO, cast

from quart import Blueprint, redirect, render_template, request, url_for
from quart.datastructures import FileStorage
from quart.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from core.errors import Conflict, Forbidden, Invalid, NotFound, OneHourError
from core.file_usage import count_maximum
from core.files import FileId, Purpose, State
from web.files.wording import FOR, limit_words
from web.shared.access import Who, allow
from web.shared.context import me, services, viewer
from web.shared.errors import Problem, status_of
from web.shared.forms import local_path, read_form

blueprint = Blueprint("file_uploads", __name__, template_folder="templates")

PREFIX = "/uploads/"
PATH = f"{PREFIX}<purpose>"


@blueprint.get(PATH)
@allow(Who.SIGNED_IN)
async def show(purpose: str) -> ResponseReturnValue:
    return await _page(_purpose(purpose), local_path(request.args.get("back")))


@blueprint.post(PATH)
@allow(Who.SIGNED_IN, page="file_uploads.show", keeps=False)
async def send(purpose: str) -> ResponseReturnValue:
    """The files of a form. Those that cannot be taken are named; the others are kept."""
    wanted = _purpose(purpose)
    back = local_path((await read_form()).get("back"))
    sent = [file for file in (await request.files).getlist("files") if file.filename]
    problems, status = [], 422
    most = count_maximum(wanted, services().uploads.policy)
    if not sent:
        problems = ["Choose at least one file."]
    elif len(sent) > most:
        problems, sent = [f"Send at most {most} files. These are {len(sent)}."], []
    for file in sent:
        try:
            await _receive(file, wanted)
        except (Invalid, Conflict, Forbidden) as error:
            status = status_of(error)
            problems.append(f"{file.filename}: {_sentence(error)}")
    if problems:
        return await _page(wanted, back, problems), status
    return redirect(_again(wanted, back), 303)


@blueprint.post(f"{PATH}/<file_id>/remove")
@allow(Who.SIGNED_IN, page="file_uploads.show", keeps=False)
async def remove(purpose: str, file_id: str) -> ResponseReturnValue:
    wanted = _purpose(purpose)
    back = local_path((await read_form()).get("back"))
    await services().uploads.discard(FileId(file_id), by=me().id)
    return redirect(_again(wanted, back), 303)


@blueprint.errorhandler(RequestEntityTooLarge)
async def too_large(_: RequestEntityTooLarge) -> ResponseReturnValue:
    """The body was refused before it was read."""
    purpose = (request.view_args or {}).get("purpose", "")
    if viewer() is None or purpose not in tuple(Purpose):
        return await Problem(413, "This is too large.", "too_large").response()
    most = limit_words(services().uploads.size_maximum(Purpose(purpose)))
    sentence = f"These files are too large for one form. Together they can have {most}."
    return await _page(Purpose(purpose), "", [sentence]), 413


async def _receive(file: FileStorage, purpose: Purpose) -> None:
    await services().form_uploads.receive(
        cast(BinaryIO, file.stream),
        by=me().id,
        purpose=purpose,
        name=file.filename or "",
        media_type=file.mimetype or "",
    )


def _sentence(error: OneHourError) -> str:
    return " ".join(error.fields.values()) if isinstance(error, Invalid) else error.message


def _purpose(text: str) -> Purpose:
    if text not in tuple(Purpose):
        raise NotFound
    return Purpose(text)


def _again(purpose: Purpose, back: str) -> str:
    return url_for("file_uploads.show", purpose=purpose.value, back=back or None)


async def _page(purpose: Purpose, back: str, problems: list[str] | None = None) -> str:
    files = await services().uploads.unused(by=me().id, purpose=purpose)
    return await render_template(
        "files/uploads.html",
        purpose=purpose.value,
        for_what=FOR[purpose],
        back=back,
        again=_again(purpose, back),
        files=files,
        checking=any(file.state in (State.QUARANTINED, State.CHECKED) for file in files),
        errors={f"files-{purpose}": " ".join(problems)} if problems else {},
    )
