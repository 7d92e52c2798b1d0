"""Holds a time of a developer from the form of the profile."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from quart import redirect, url_for
from quart.typing import ResponseReturnValue

from core.bookings import HourTaken, checked_brief
from core.developers import DeveloperId
from core.errors import Conflict, Errors, Invalid, OneHourError
from core.files import Purpose
from core.money import Money
from core.payments import PaymentId
from services.bookings import Held
from web.bookings.pages import blueprint, local_checkout
from web.developers import Choice, held_by_viewer, names_in_form, profile
from web.shared.access import Who, allow
from web.shared.context import dependencies, me, services
from web.shared.forms import (
    FormFields,
    field_values,
    page_fields,
    read_form,
    split_list,
)


@blueprint.post("/developers/<developer_id>/book")
@allow(Who.CLIENT, page="developers.show")
async def hold(developer_id: str) -> ResponseReturnValue:
    """Hold the time and redirect to the payment. After an error, the input is shown again; with
    `show_price` also the price for what plugins have asked."""
    form = await read_form()
    choice, files = Choice.read(form), await _files()
    earlier = await field_values("earlier")
    page = partial(profile, developer_id, choice, chosen=files, earlier=earlier)
    if "show_price" in form:
        return await page()
    shown = form.get("price", "")
    expecting = Money(int(shown)) if shown.isdecimal() and len(shown) < 13 else None
    try:
        start = _checked_start(choice, [*files, *earlier])
        held = await _hold(developer_id, choice, start, expecting, files, earlier)
    except Invalid as error:
        return await page(errors=_named_as_in_form(error)), 422
    except Conflict as error:
        own = await held_by_viewer(developer_id, choice) if isinstance(error, HourTaken) else None
        if own is None:
            return await page(taken=error.message), 409
        payments = dependencies().store.repositories.payments
        held = Held(own, await payments.get(PaymentId(own.payment_id)))
    return redirect(_payment_page(held), 303)


def _named_as_in_form(error: Invalid) -> FormFields:
    return names_in_form(page_fields(error, files=f"files-{Purpose.BRIEF}"))


async def _hold(
    developer_id: str,
    choice: Choice,
    start: datetime,
    expecting: Money | None,
    files: Sequence[str],
    earlier: Sequence[str],
) -> Held:
    """With copies of the files of an earlier booking: those stay where they are."""
    if earlier:
        _check_written(Errors(), choice, [*files, *earlier])
    copies = await services().file_copies.copy(earlier, by=me().id, purpose=Purpose.BRIEF)
    try:
        return await services().bookings.hold(
            by=me().id,
            developer_id=DeveloperId(developer_id),
            start=start,
            hours=choice.hours,
            brief=choice.brief,
            files=[*files, *(copy.id for copy in copies)],
            expecting=expecting,
            fields=choice.fields,
            account=me(),
        )
    except OneHourError:
        await services().file_copies.discard(copies)
        raise


async def _files() -> list[str]:
    """The ids of files: those of check boxes, and the list of the script."""
    return [each for text in await field_values("files") for each in split_list(text)]


def _checked_start(choice: Choice, files: Sequence[str]) -> datetime:
    """The selected time. Raises `Invalid` without one, also with the errors of brief and files."""
    if choice.start is None:
        errors = Errors()
        errors.add(start="Select a time.")
        _check_written(errors, choice, files)
    assert choice.start
    return choice.start


def _check_written(errors: Errors, choice: Choice, files: Sequence[str]) -> None:
    """Raises `Invalid` with these errors and those of the brief and its files."""
    with errors:
        checked_brief(choice.brief)
    with errors:
        services().attachments.check_count(files, Purpose.BRIEF)
    errors.check()


def _payment_page(held: Held) -> str:
    """The checkout if it is on this site, otherwise the booking's page, which links to it."""
    return local_checkout(held.payment) or url_for("bookings.show", booking_id=held.booking.id)
