"""The page where a developer offers hours: the week, days off and extra hours, limits.

Everything is one form, whose buttons are named `action`. Without one the week is saved. Rows are
added, removed, copied and filled without saving. Days off and extra hours are stored at once. All
actions keep what was typed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.calendar_exceptions import ExceptionId, NoSuchException, TooManyExceptions
from core.developers import Developer
from core.errors import Errors, Invalid
from core.weekly_hours import SPANS_MAXIMUM, WEEKDAYS, clock_of, span_name
from web.developers.exceptions_form import FIELDS, listed_exceptions, typed_exception
from web.developers.hours_form import PRESETS, HoursForm
from web.shared.access import Who, allow
from web.shared.context import me, now, services
from web.shared.forms import FormFields, read_form, typed, whole_number
from web.shared.kept_forms import refilled
from web.shared.templating import zone

blueprint = Blueprint("hours", __name__, template_folder="templates")

DAY_NAMES = tuple(enumerate(WEEKDAYS))
NOT_SAVED = "Nothing is saved yet."


@blueprint.get("/profile/hours")
@allow(Who.DEVELOPER)
async def show() -> ResponseReturnValue:
    developer = await _own()
    kept = refilled(url_for(".save"))
    form = HoursForm.read(kept) if kept else HoursForm.of(developer.availability)
    return await _page(developer, form)


@blueprint.post("/profile/hours")
@allow(Who.DEVELOPER)
async def save() -> ResponseReturnValue:
    fields = typed(await read_form())
    action, _, detail = fields.pop("action", "").partition("-")
    form = HoursForm.read(fields)
    match action:
        case "add" | "remove" | "copy":
            return await _change_day(form, action, detail)
        case "preset":
            form, told = form.preset(detail), f"The week was filled. {NOT_SAVED}"
            return await _page(await _own(), form, focus=f"preset-{detail}", told=told)
        case "zones":
            fields["zones"] = "all"
            return await _page(await _own(), form, focus="timezone")
        case "except":
            return await _add_exception(form)
        case "delete":
            return await _remove_exception(form, ExceptionId(detail))
    return await _save(form)


async def _save(form: HoursForm) -> ResponseReturnValue:
    """Saves the hours, and days off or extra hours that were filled in and not added yet."""
    errors, fields = Errors(), form.fields
    windows, wrong_rows = form.windows()
    if wrong_rows:
        errors.add(**wrong_rows)
    notice = horizon = 0
    with errors:
        notice = whole_number(fields.get("notice", ""), field="minimum_notice_h")
    with errors:
        horizon = whole_number(fields.get("horizon", ""), field="horizon_days")
    try:
        errors.check()
        await services().developers.update_availability(
            by=me().id,
            timezone=fields.get("timezone", ""),
            weekly=windows,
            notice_hours=notice,
            horizon_days=horizon,
        )
    except Invalid as error:
        return await _page(await _own(), form, error.fields), 422
    if fields.get("x-from"):
        return await _add_exception(form)
    return redirect(url_for(".show", saved="week"), 303)


async def _change_day(form: HoursForm, action: str, detail: str) -> ResponseReturnValue:
    """The page with other rows of one day. Malformed details change nothing."""
    place = [int(n) for n in detail.split("-") if n.isascii() and n.isdecimal() and len(n) < 3]
    day, number = (*place, 0, 0)[:2]
    focus, told = "", ""
    if day >= len(WEEKDAYS):
        return await _page(await _own(), form)
    if action == "add":
        form = form.with_row(day)
        focus, told = f"from-{day}-{len(form.days[day]) - 1}", f"Added to {WEEKDAYS[day]}."
    elif action == "remove":
        form, focus = form.without_row(day, number), f"add-{day}"
        told = f"Removed from {WEEKDAYS[day]}. {NOT_SAVED}"
    else:
        to = [other for other in range(7) if f"copy-{day}-{other}" in form.fields]
        form, focus = form.copied(day, to), f"copy-{day}"
        names = " and ".join(WEEKDAYS[other] for other in to) or "no other day"
        told = f"{WEEKDAYS[day]} was copied to {names}. {NOT_SAVED}"
    return await _page(await _own(), form, focus=focus, told=told)


async def _add_exception(form: HoursForm) -> ResponseReturnValue:
    try:
        added = typed_exception(form.fields)
        developer = await services().developers.add_exception(added, by=me().id)
    except Invalid as error:
        errors = {f"x-{name}": text for name, text in error.fields.items()}
        return await _page(await _own(), form, errors), 422
    except TooManyExceptions as error:
        return await _page(await _own(), form, {"x-from": error.message}), 409
    for name in FIELDS:
        form.fields.pop(name, None)
    return await _stored(developer, form, "added")


async def _remove_exception(form: HoursForm, removed: ExceptionId) -> ResponseReturnValue:
    """Without an error if it was removed in another window already."""
    try:
        developer = await services().developers.remove_exception(removed, by=me().id)
    except NoSuchException:
        developer = await _own()
    return await _stored(developer, form, "removed")


async def _stored(developer: Developer, form: HoursForm, done: str) -> ResponseReturnValue:
    """A redirect, unless it would lose what was typed and not saved."""
    stored = HoursForm.of(developer.availability)
    is_saved = form.windows() == stored.windows() and stored.fields.items() <= form.fields.items()
    if is_saved and not form.fields.get("x-from"):
        return redirect(url_for(".show", saved=done), 303)
    return await _page(developer, form, done=done)


async def _own() -> Developer:
    return await services().developers.own_profile(by=me().id)


async def _page(
    developer: Developer,
    form: HoursForm,
    errors: Mapping[str, str] | None = None,
    *,
    focus: str = "",
    told: str = "",
    done: str = "",
) -> str:
    """`focus` is the id of the field or button to focus, `told` is read out, `done` is what was
    stored."""
    errors = errors or {}
    return await render_template(
        "developers/hours.html",
        developer=developer,
        form=form.fields,
        hours=form,
        errors=errors,
        labels=_labels(errors),
        saved=done or request.args.get("saved", ""),
        told=told,
        focus=focus,
        day_names=DAY_NAMES,
        presets=PRESETS,
        clock_of=clock_of,
        span_name=span_name,
        most_spans=SPANS_MAXIMUM,
        listed=await listed_exceptions(developer),
        today=developer.availability.today(now()),
        policy=services().bookings.policy,
        zone_names=_zone_names(developer, form.fields),
    )


def _labels(errors: Mapping[str, str]) -> dict[str, str]:
    """The labels of the fields, in the order of the page."""
    rows: dict[tuple[int, int, str], str] = {}
    for name in errors:
        side, *place = name.split("-")
        if side in ("from", "to") and len(place) == 2:
            day, number = map(int, place)
            rows[day, number, name] = span_name(day, number)
    return {
        "timezone": "Time zone",
        "weekly": "Weekly hours",
        **{name: label for (_, _, name), label in sorted(rows.items())},
        "x-from": "Date",
        "x-to": "Last day",
        "x-start": "Extra hours, from",
        "x-end": "Extra hours, to",
        "minimum_notice_h": "Notice",
        "horizon_days": "How far ahead",
    }


def _zone_names(developer: Developer, fields: FormFields) -> Sequence[str]:
    """A short list of zones; empty when all were asked for, which make a long page."""
    if "zones" in fields:
        return ()
    return tuple(dict.fromkeys([fields.get("timezone", ""), developer.timezone, zone()]))
