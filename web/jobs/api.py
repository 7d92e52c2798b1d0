"""Jobs and deliveries over the API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pydantic import Field
from quart import Blueprint, Response
from quart_schema import document_response, tag, validate_querystring, validate_request

from core.files import FilesNotReady, UnusableFiles
from core.files_policy import FILES_MAXIMUM
from core.jobs import NOTES_MAXIMUM, Frozen, IllegalTransition, Job, JobId, NoRevisionsLeft
from core.payments import UnderChargeback
from services.timeline import BookingDetails
from web.jobs import schemas as schemas
from web.shared.access import Who, allow
from web.shared.api import (
    API,
    Body,
    Listed,
    Paging,
    idempotent,
    json_response,
    limits,
    page_response,
)
from web.shared.context import dependencies, me, now, services
from web.shared.openapi import document_errors

blueprint = Blueprint("api_jobs", __name__, url_prefix=API)
about = tag(["Jobs"])


class DeliveryBody(Body):
    note: str = limits(minLength=1, maxLength=NOTES_MAXIMUM)
    files: list[str] = Field(default=[], max_length=FILES_MAXIMUM)


class Notes(Body):
    notes: str = limits(minLength=1, maxLength=NOTES_MAXIMUM)


@blueprint.get("/jobs")
@allow(Who.SIGNED_IN)
@about
@validate_querystring(Paging)
@document_response(Listed[schemas.JobSchema])
async def index(query_args: Paging) -> Response:
    """The own jobs, latest created first."""
    found, cursor = await services().jobs.of_account(
        by=me().id, limit=query_args.limit, cursor=query_args.cursor
    )
    return page_response(await _schemas(found), cursor)


@blueprint.get("/jobs/<job_id>")
@allow(Who.PARTY)
@about
@document_response(schemas.JobSchema)
async def show(job_id: str) -> Response:
    """One of the own jobs."""
    return json_response(await _schema(await services().jobs.get(JobId(job_id), by=me().id)))


@blueprint.get("/jobs/<job_id>/deliveries")
@allow(Who.PARTY)
@about
@document_response(Listed[schemas.DeliverySchema])
async def deliveries(job_id: str) -> Response:
    """The delivered versions, oldest first."""
    job = await services().jobs.get(JobId(job_id), by=me().id)
    found = await dependencies().store.repositories.deliveries.of_job(job.id)
    return json_response({"items": [schemas.delivery(each) for each in found], "next": None})


async def _delivered(job_id: str) -> Response:
    return json_response(await _schema(await services().jobs.get(JobId(job_id), by=me().id)), 201)


@blueprint.post("/jobs/<job_id>/deliveries")
@allow(Who.DEVELOPER)
@about
@validate_request(DeliveryBody)
@document_response(schemas.JobSchema, 201)
@document_errors(FilesNotReady, UnusableFiles, Frozen, IllegalTransition)
@idempotent(again=_delivered)
async def deliver(job_id: str, data: DeliveryBody) -> Response:
    """Deliver a new version of the work."""
    job = await services().jobs.deliver(JobId(job_id), by=me().id, note=data.note, files=data.files)
    return json_response(await _schema(job), 201)


@blueprint.post("/jobs/<job_id>/request-changes")
@allow(Who.CLIENT)
@about
@validate_request(Notes)
@document_response(schemas.JobSchema)
@document_errors(Frozen, IllegalTransition, NoRevisionsLeft)
@idempotent(again=show)
async def request_changes(job_id: str, data: Notes) -> Response:
    """Request changes: uses one of the included rounds."""
    job = await services().jobs.request_changes(JobId(job_id), by=me().id, notes=data.notes)
    return json_response(await _schema(job))


@blueprint.post("/jobs/<job_id>/send-again")
@allow(Who.CLIENT)
@about
@validate_request(Notes)
@document_response(schemas.JobSchema)
@document_errors(Frozen, IllegalTransition)
@idempotent(again=show)
async def send_again(job_id: str, data: Notes) -> Response:
    """Ask for a broken or missing file again: uses no round of changes."""
    job = await services().jobs.send_again(JobId(job_id), by=me().id, notes=data.notes)
    return json_response(await _schema(job))


@blueprint.post("/jobs/<job_id>/approve")
@allow(Who.CLIENT)
@about
@document_response(schemas.JobSchema)
@document_errors(Frozen, IllegalTransition, UnderChargeback)
@idempotent(again=show)
async def approve(job_id: str) -> Response:
    """Approve the work: the money is released to the developer."""
    details = await services().jobs.approve(JobId(job_id), by=me().id)
    job = details.job
    assert job, "an approval has a job"
    delivered = await dependencies().store.repositories.deliveries.of_job(job.id)
    return json_response(schemas.job(job, replace(details, deliveries=delivered)))


async def _schemas(jobs: Sequence[Job]) -> list[schemas.JobSchema]:
    """Three reads, for any number of jobs."""
    repositories = dependencies().store.repositories
    bookings = await repositories.bookings.many([job.booking_id for job in jobs])
    payments = await repositories.payments.many([each.payment_id for each in bookings.values()])
    delivered = await repositories.deliveries.of_jobs([job.id for job in jobs if job.deliveries])
    return [
        schemas.job(
            job,
            BookingDetails(
                booking, payments[booking.payment_id], job, delivered.get(job.id, ()), (), now()
            ),
        )
        for job in jobs
        for booking in (bookings[job.booking_id],)
    ]


async def _schema(job: Job) -> schemas.JobSchema:
    return (await _schemas([job]))[0]
