"""The pages of developers: search, profile, and the own profile."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue
from typing_extensions import TypedDict

from core.accounts import Role
from core.bookings import Booking, BookingId
from core.developers import Developer
from core.errors import Conflict, Errors, Invalid, NotFound
from core.files import Purpose, StoredFile
from core.money import Money
from services.developers import Found
from web.developers.filters import chips, left_out, skill_options, sorts
from web.developers.picker import Choice, held_by_viewer, picker
from web.developers.plugin_fields import FIELD_PREFIX, of_plugins
from web.developers.price import price_of
from web.developers.search_form import LENGTHS, PERIODS, RATINGS, next_page_url, parse_search
from web.shared.access import Who, allow
from web.shared.context import dependencies, me, now, services, viewer
from web.shared.cookies import keep_for_going_back
from web.shared.forms import (
    FormFields,
    read_form,
    rupees,
    split_list,
    typed,
    whole_number,
)
from web.shared.kept_forms import refilled, resumed_values
from web.shared.timeline import readable

blueprint = Blueprint("developers", __name__, template_folder="templates")

MOST_COUNTED = 1000
LABELS = {
    "start": "Time",
    "hours": "Length",
    "brief": "What is it about?",
    "files-brief": "Files",
}
"""Of the fields of a booking, in the order of its form."""


@blueprint.get("/developers")
@allow(Who.ANYONE)
async def index() -> ResponseReturnValue:
    form = parse_search(request.args)
    developers = services().developers
    try:
        found = await developers.search(form.criteria)
    except Invalid as error:
        form.errors.update(error.fields)
        found = Found((), None, form.criteria)
    timed = found.criteria.free_from is not None
    rated = await developers.rated()
    return await render_template(
        "developers/index.html",
        form=form,
        found=found,
        total=None if timed else await developers.count(found.criteria),
        most_counted=MOST_COUNTED,
        more=next_page_url(form, found.next) if found.next else None,
        chips=chips(form),
        left_out=left_out(form, found.relaxed),
        skills=skill_options(form, await developers.skills(limit=8), developers.skill_key),
        periods=PERIODS, lengths=LENGTHS, ratings=RATINGS if rated else {},
        sorts=sorts(form, rated=rated),
    )  # fmt: skip


@blueprint.get("/developers/<developer_id>")
@allow(Who.ANYONE)
async def show(developer_id: str) -> ResponseReturnValue:
    """The brief never stands in an address: it is that of a form to continue, or of an earlier
    booking."""
    keep_for_going_back()
    again = refilled(url_for("bookings.hold", developer_id=developer_id), place="pick")
    if again:
        return await profile(
            developer_id,
            Choice.read(again),
            chosen=resumed_values("files"),
            earlier=resumed_values("earlier"),
        )
    choice, earlier = Choice.read(request.args), await _earlier()
    if earlier is None:
        return await profile(developer_id, replace(choice, brief=""))
    choice = replace(choice, brief=earlier.brief)
    return await profile(developer_id, choice, earlier=earlier.files)


async def _earlier() -> Booking | None:
    """The viewer's booking `again`, which they want at another time."""
    account, booking_id = viewer(), request.args.get("again", "")
    if account is None or not booking_id:
        return None
    with suppress(NotFound):
        booking = await services().bookings.get(BookingId(booking_id), by=account.id)
        return booking if booking.client.account_id == account.id else None
    return None


async def _own_files(ids: Sequence[str]) -> Sequence[StoredFile]:
    """Those of the files of earlier bookings of the viewer that still exist. They stay there: the
    new booking gets copies."""
    account = viewer()
    if account is None or not ids:
        return ()
    found = await services().attachments.of(dependencies().store.repositories, ids)
    files = (found[each] for each in ids if each in found)
    return [file for file in files if file.is_final_of(account.id, Purpose.BRIEF)]


async def profile(
    developer_id: str,
    choice: Choice,
    *,
    errors: Mapping[str, str] | None = None,
    taken: str = "",
    chosen: Sequence[str] = (),
    earlier: Sequence[str] = (),
) -> str:
    """The profile with its slot picker. `taken` is the reason why a booking failed; `chosen` has
    the ids of the files that its form has chosen, `earlier` of those of the booking before."""
    developer, week = await picker(developer_id, choice)
    held = await held_by_viewer(developer_id, choice) if week.unavailable else None
    price = await price_of(developer, choice)
    errors = {**price.errors, **(errors or {})}
    refused = of_plugins(errors)
    return await render_template(
        "developers/show.html",
        developer=developer,
        picker=week,
        times_url=partial(url_for, "developers.show", developer_id=developer.id),
        other=developer,
        refund_steps=services().bookings.policy.terms.refund_steps,
        choice=choice,
        price=price,
        errors=errors,
        refused=refused,
        labels=LABELS | {f"{FIELD_PREFIX}{name}": readable(name) for name in refused},
        taken=taken,
        held=held,
        policy=services().bookings.policy,
        upcoming=developer.upcoming(now=now()),
        may_attach=_may_attach(developer),
        sent=await _sent() if _may_attach(developer) else (),
        chosen=chosen,
        earlier=await _own_files(earlier) if _may_attach(developer) else (),
    )


def _may_attach(developer: Developer) -> bool:
    """Whether the viewer can book, so that files for the brief are of use."""
    account = viewer()
    return bool(account and Role.CLIENT in account.roles and account.id != developer.account_id)


async def _sent() -> Sequence[StoredFile]:
    """The files that the viewer has sent for a brief and not used."""
    return await services().uploads.unused(by=me().id, purpose=Purpose.BRIEF)


@blueprint.get("/profile")
@allow(Who.DEVELOPER)
async def edit() -> ResponseReturnValue:
    developer = await services().developers.own_profile(by=me().id)
    form = refilled(url_for(".describe")) or _profile_form(developer)
    return await _edit_page(developer, form)


@blueprint.post("/profile")
@allow(Who.DEVELOPER)
async def describe() -> ResponseReturnValue:
    form = await read_form()
    try:
        await services().developers.update_profile(
            by=me().id, published="published" in form, **await _description(form)
        )
    except Invalid as error:
        return await _edit_again(form, error.fields), 422
    except Conflict as error:
        return await _edit_again(form, {"published": error.message}), 409
    return redirect(url_for(".edit", saved="yes"), 303)


class Description(TypedDict):
    """The fields of a profile, parsed."""

    headline: str
    bio: str
    skills: tuple[str, ...]
    languages: tuple[str, ...]
    rate: Money
    revisions: int


async def _description(form: FormFields) -> Description:
    """Raises `Invalid` with all fields that are not valid, whether unreadable or not allowed."""
    errors, parsed = (
        Errors(),
        Description(
            headline=form.get("headline", ""),
            bio=form.get("bio", ""),
            skills=split_list(form.get("skills", "")),
            languages=split_list(form.get("languages", "")),
            rate=Money(0),
            revisions=0,
        ),
    )
    with errors:
        parsed["rate"] = rupees(form.get("rate", ""), field="rate")
    with errors:
        parsed["revisions"] = whole_number(form.get("revisions", ""), field="revisions")
    with errors:
        (await services().developers.own_profile(by=me().id)).describe(**parsed)
    errors.check()
    return parsed


async def _edit_again(form: FormFields, errors: Mapping[str, str]) -> str:
    return await _edit_page(
        await services().developers.own_profile(by=me().id), typed(form), errors
    )


async def _edit_page(
    developer: Developer, form: FormFields, errors: Mapping[str, str] | None = None
) -> str:
    return await render_template(
        "developers/edit.html",
        developer=developer,
        form=form,
        errors=errors or {},
        saved="saved" in request.args,
        fee_percent=services().bookings.policy.terms.fee_percent,
        earning=_earning(developer.rate),
    )


def _earning(rate: Money) -> Money:
    return rate - rate.percent(services().bookings.policy.terms.fee_percent)


def _profile_form(developer: Developer) -> FormFields:
    whole_rupees, paise = divmod(developer.rate.amount, 100)
    return {
        "headline": developer.headline,
        "bio": developer.bio,
        "skills": ", ".join(developer.skills),
        "languages": ", ".join(developer.languages),
        "rate": f"{whole_rupees}" + (f".{paise:02d}" if paise else "") if developer.rate else "",
        "revisions": str(developer.revisions),
        **({"published": "yes"} if developer.published else {}),
    }
