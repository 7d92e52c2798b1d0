"""Finding a developer, looking at one, and a developer's own profile and hours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.availability import Window, minutes_of
from core.developers import Developer
from core.errors import Conflict, Invalid
from core.money import Money
from core.policy import DAY, HOUR
from ports.developers import DeveloperPage
from web.developers.picker import Choice, kept_by_viewer, picker
from web.developers.search_form import LATELY, LENGTHS, RATINGS, SORTS, asked, chips, following
from web.shared.access import Who, allow
from web.shared.context import me, now, services
from web.shared.forms import Typed, kept, names, rupees, typed, whole

blueprint = Blueprint("developers", __name__, template_folder="templates")

MOST_COUNTED = 1000
STRETCHES, MOST_STRETCHES = 3, 12
"""How many stretches of a weekday the form of hours offers, and how many it takes."""
BRIEF_IN_ADDRESS = 500
"""A longer brief does not travel through the log-in by address; the browser keeps it."""


@blueprint.get("/developers")
@allow(Who.ANYONE)
async def index() -> ResponseReturnValue:
    ask = asked(request.args)
    try:
        page = await services().developers.search(ask.criteria)
    except Invalid as error:
        ask.errors.update(error.fields)
        page = DeveloperPage((), None)
    counted = None if ask.free_from else await services().developers.count(ask.criteria)
    return await render_template(
        "developers/index.html",
        ask=ask,
        found=page.items,
        total=counted,
        most_counted=MOST_COUNTED,
        more=following(ask, page.next) if page.next else None,
        chips=chips(ask),
        skills=await services().developers.skills(limit=8),
        lately=LATELY, lengths=LENGTHS, ratings=RATINGS, sorts=SORTS,
    )  # fmt: skip


@blueprint.get("/developers/<developer_id>")
@allow(Who.ANYONE)
async def show(developer_id: str) -> ResponseReturnValue:
    return await profile(developer_id, Choice.read(request.args))


@blueprint.post("/developers/<developer_id>/begin")
@allow(Who.ANYONE)
async def begin(developer_id: str) -> ResponseReturnValue:
    """A visitor wants to book: log in first, and come back with everything chosen."""
    form = await typed()
    wanted = {name: form.get(name, "")[:60] for name in ("start", "hours", "zone")}
    if len(form.get("brief", "")) <= BRIEF_IN_ADDRESS:
        wanted["brief"] = form.get("brief", "")
    query = urlencode({name: text for name, text in wanted.items() if text})
    back = f"{url_for('.show', developer_id=developer_id)}?{query}#pick"
    return redirect(url_for("sessions.log_in", next=back), 303)


async def profile(
    developer_id: str,
    choice: Choice,
    *,
    errors: Mapping[str, str] | None = None,
    taken: str = "",
) -> str:
    """The profile with its picker; `taken` is why the booking just tried could not be made."""
    developer, week = await picker(developer_id, choice)
    held = await kept_by_viewer(developer_id, choice) if week.lost else None
    return await render_template(
        "developers/show.html",
        developer=developer,
        picker=week,
        choice=choice,
        errors=errors or {},
        taken=taken,
        kept=held,
        policy=services().bookings.policy,
        upcoming=developer.upcoming(now=now()),
    )


@blueprint.get("/profile")
@allow(Who.DEVELOPER)
async def edit() -> ResponseReturnValue:
    developer = await services().developers.mine(by=me().id)
    return await _edit_page(developer, _profile_form(developer))


@blueprint.post("/profile")
@allow(Who.DEVELOPER)
async def describe() -> ResponseReturnValue:
    form = await typed()
    try:
        await services().developers.describe(
            by=me().id,
            headline=form.get("headline", ""),
            bio=form.get("bio", ""),
            skills=names(form.get("skills", "")),
            languages=names(form.get("languages", "")),
            rate=rupees(form.get("rate", ""), field="rate"),
            revisions=whole(form.get("revisions", ""), field="revisions"),
            published="published" in form,
        )
    except Invalid as error:
        return await _edit_again(form, error.fields), 422
    except Conflict as error:
        return await _edit_again(form, {"published": error.message}), 409
    return redirect(url_for(".edit", saved="yes"), 303)


@blueprint.get("/profile/hours")
@allow(Who.DEVELOPER)
async def hours() -> ResponseReturnValue:
    developer = await services().developers.mine(by=me().id)
    return await _hours_page(developer, _hours_form(developer))


@blueprint.post("/profile/hours")
@allow(Who.DEVELOPER)
async def offer() -> ResponseReturnValue:
    form = await typed()
    try:
        await services().developers.offer(
            by=me().id,
            timezone=form.get("timezone", ""),
            weekly=_windows(form),
            notice_hours=whole(form.get("notice", ""), field="minimum_notice_h"),
            horizon_days=whole(form.get("horizon", ""), field="horizon_days"),
        )
    except Invalid as error:
        developer = await services().developers.mine(by=me().id)
        return await _hours_page(developer, kept(form), error.fields), 422
    return redirect(url_for(".hours", saved="yes"), 303)


async def _edit_again(form: Typed, errors: Mapping[str, str]) -> str:
    return await _edit_page(await services().developers.mine(by=me().id), kept(form), errors)


async def _edit_page(
    developer: Developer, form: Typed, errors: Mapping[str, str] | None = None
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


def _profile_form(developer: Developer) -> Typed:
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


async def _hours_page(
    developer: Developer, form: Typed, errors: Mapping[str, str] | None = None
) -> str:
    return await render_template(
        "developers/hours.html",
        developer=developer,
        form=form,
        errors=errors or {},
        saved="saved" in request.args,
        stretches=max(STRETCHES, *_counts(developer)),
        policy=services().bookings.policy,
    )


def _hours_form(developer: Developer) -> Typed:
    offer = developer.availability
    form = {
        "timezone": offer.timezone,
        "notice": str(int(offer.minimum_notice / HOUR)),
        "horizon": str(int(offer.horizon / DAY)),
    }
    for day in range(7):
        for number, window in enumerate(w for w in offer.weekly if w.day == day):
            form[f"from-{day}-{number}"] = _clock(window.start)
            form[f"to-{day}-{number}"] = _clock(window.end)
    return form


def _counts(developer: Developer) -> list[int]:
    """The stretches of each weekday."""
    return [sum(w.day == day for w in developer.availability.weekly) for day in range(7)]


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _windows(form: Mapping[str, str]) -> Sequence[Window]:
    """Every stretch with a start and an end; half a stretch is a slip, and said so."""
    windows = []
    for day in range(7):
        for number in range(MOST_STRETCHES):
            first = form.get(f"from-{day}-{number}", "")
            last = form.get(f"to-{day}-{number}", "")
            if bool(first) != bool(last):
                raise Invalid(weekly="A stretch needs both a start and an end.")
            if first and last:
                windows.append(Window(day, minutes_of(first), minutes_of(last)))
    return windows
