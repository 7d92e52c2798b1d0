"""The forms of jobs: delivery, approval, request for changes. They are on the booking's page."""

from __future__ import annotations

from quart import Blueprint, redirect, request, url_for
from quart.typing import ResponseReturnValue

from core.errors import Conflict, Invalid
from core.files import Purpose
from core.jobs import JobId
from web.bookings import booking_page
from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.forms import FormFields, page_fields, read_form, sent_file_ids

blueprint = Blueprint("jobs", __name__)


@blueprint.post("/jobs/<job_id>/deliver")
@allow(Who.DEVELOPER, page="jobs.show")
async def deliver(job_id: str) -> ResponseReturnValue:
    form = await read_form()
    try:
        note, files = form.get("note", ""), await sent_file_ids()
        await services().jobs.deliver(JobId(job_id), by=me().id, note=note, files=files)
    except (Invalid, Conflict) as error:
        return await _again(job_id, form, error)
    return await _to_booking(job_id)


@blueprint.post("/jobs/<job_id>/approve")
@allow(Who.CLIENT, page="jobs.show")
async def approve(job_id: str) -> ResponseReturnValue:
    """Approve the delivery that was shown; a newer one is shown first."""
    form = await read_form()
    job = await services().jobs.get(JobId(job_id), by=me().id)
    if form.get("delivery") != str(job.deliveries):
        newer = Conflict("There is a newer delivery. Review it first. Nothing was released.")
        return await _again(job_id, form, newer)
    try:
        await services().jobs.approve(JobId(job_id), by=me().id)
    except Conflict as error:
        return await _again(job_id, form, error)
    return await _to_booking(job_id)


@blueprint.post("/jobs/<job_id>/request-changes")
@allow(Who.CLIENT, page="jobs.show")
async def request_changes(job_id: str) -> ResponseReturnValue:
    form = await read_form()
    try:
        await services().jobs.request_changes(
            JobId(job_id), by=me().id, notes=form.get("notes", "")
        )
    except (Invalid, Conflict) as error:
        return await _again(job_id, form, error)
    return await _to_booking(job_id)


@blueprint.get("/jobs/<job_id>")
@allow(Who.PARTY)
async def show(job_id: str) -> ResponseReturnValue:
    """To the page with the forms, which is that of the booking."""
    job = await services().jobs.get(JobId(job_id), by=me().id)
    page = url_for("bookings.show", booking_id=job.booking_id)
    return redirect(f"{page}?{request.query_string.decode()}".rstrip("?"), 303)


async def _again(job_id: str, form: FormFields, error: Invalid | Conflict) -> ResponseReturnValue:
    """The booking's page with the input and the error."""
    job = await services().jobs.get(JobId(job_id), by=me().id)
    if isinstance(error, Invalid):
        errors = page_fields(error, files=f"files-{Purpose.DELIVERY}")
        return await booking_page(job.booking_id, form=form, errors=errors), 422
    return await booking_page(job.booking_id, form=form, problem=error.message), 409


async def _to_booking(job_id: str) -> ResponseReturnValue:
    job = await services().jobs.get(JobId(job_id), by=me().id)
    return redirect(url_for("bookings.show", booking_id=job.booking_id), 303)
