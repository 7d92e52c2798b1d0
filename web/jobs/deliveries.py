"""The page of one delivery: its note and files, all versions, and what changed between two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from quart import Blueprint, render_template, request
from quart.typing import ResponseReturnValue

from core.bookings import BookingId
from core.deliveries import Delivery
from core.errors import NotFound
from core.files import StoredFile
from core.jobs import JobId, JobStep
from services.timeline import BookingDetails
from web.bookings import badge, brief_files
from web.files import difference, texts_of
from web.jobs.comparing import Comparison, FileChange
from web.payments import money_summary
from web.shared.access import Who, allow
from web.shared.context import dependencies, me, services
from web.shared.sides import Side

blueprint = Blueprint("deliveries", __name__, template_folder="templates")


@dataclass(frozen=True, slots=True)
class Version:
    """A delivery, or a request for changes with its `notes`."""

    at: datetime
    delivery: Delivery | None = None
    notes: str = ""


@blueprint.get("/jobs/<job_id>/deliveries/<int:number>")
@allow(Who.PARTY)
async def show(job_id: str, number: int) -> ResponseReturnValue:
    """`compare` in the query is the number of an earlier delivery, `file` the name of a file."""
    job = await services().jobs.get(JobId(job_id), by=me().id)
    details = await services().timeline.details(BookingId(job.booking_id), by=me().id)
    delivery = _numbered(details.deliveries, number)
    comparison, chosen = _comparison(details.deliveries, delivery)
    found = await _files(delivery, chosen)
    files = [found[each.id] for each in delivery.files if each.id in found]
    side = Side(details.booking, me())
    return await render_template(
        "jobs/delivery.html",
        details=details,
        booking=details.booking,
        payment=details.payment,
        money_summary=money_summary(side, details.payment),
        job=job,
        side=side,
        badge=badge(side, job),
        delivery=delivery,
        is_last=delivery == details.deliveries[-1],
        files=files,
        texts=await texts_of(files),
        versions=_versions(details),
        comparison=comparison,
        chosen=chosen,
        brief_files=await brief_files(details.booking),
        difference=await _difference(chosen, found),
        form={},
        errors={},
    )


def _numbered(deliveries: Sequence[Delivery], number: int) -> Delivery:
    if not 1 <= number <= len(deliveries):
        raise NotFound
    return deliveries[number - 1]


def _comparison(
    deliveries: Sequence[Delivery], delivery: Delivery
) -> tuple[Comparison | None, FileChange | None]:
    """With an earlier delivery, if one is asked for, and the file to show."""
    number = request.args.get("compare", type=int) or 0
    if not 1 <= number < delivery.number:
        return None, None
    comparison = Comparison.of(deliveries[number - 1], delivery)
    return comparison, comparison.choose(request.args.get("file", ""))


async def _files(delivery: Delivery, chosen: FileChange | None) -> dict[str, StoredFile]:
    ids = {each.id for each in delivery.files} | set(chosen.file_ids if chosen else ())
    return await services().attachments.of(dependencies().store.repositories, sorted(ids))


async def _difference(chosen: FileChange | None, files: dict[str, StoredFile]) -> str:
    if chosen is None:
        return ""
    before, after = (files.get(each.id) if each else None for each in (chosen.before, chosen.after))
    return await difference(before, after)


def _versions(details: BookingDetails) -> list[Version]:
    """Deliveries and requests for changes, oldest first."""
    requests = [
        Version(entry.at, notes=entry.detail)
        for entry in details.entries
        if entry.what == JobStep.CHANGES_REQUESTED
    ]
    delivered = [Version(each.at, delivery=each) for each in details.deliveries]
    return sorted([*delivered, *requests], key=lambda version: version.at)
