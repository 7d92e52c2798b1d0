"""The page of the billing details, in the account."""

from __future__ import annotations

from dataclasses import asdict

from quart import Blueprint, redirect, render_template, request, url_for
from quart.typing import ResponseReturnValue

from core.billing import TaxParty
from core.errors import Invalid
from core.gst import ABROAD, STATES
from web.shared.access import Who, allow
from web.shared.context import me, services
from web.shared.forms import FormFields, read_form, typed
from web.shared.kept_forms import refilled

blueprint = Blueprint("billing", __name__, template_folder="templates")
FIELDS = tuple(TaxParty.__dataclass_fields__)
CHOICES = (*sorted(STATES.items(), key=lambda item: item[1]), (ABROAD, "Outside India"))


@blueprint.get("/account/billing")
@allow(Who.SIGNED_IN)
async def show() -> ResponseReturnValue:
    stored = asdict(await services().billing.details(by=me().id))
    return await _page(refilled(url_for(".update")) or stored)


@blueprint.post("/account/billing")
@allow(Who.SIGNED_IN, page="billing.show", label="Save billing details")
async def update() -> ResponseReturnValue:
    form = await read_form()
    given = TaxParty(**{name: form.get(name, "") for name in FIELDS})
    try:
        await services().billing.change(given, by=me().id)
    except Invalid as error:
        return await _page(typed(form), error.fields), 422
    return redirect(url_for(".show", saved="yes"), 303)


async def _page(form: FormFields, errors: FormFields | None = None) -> str:
    return await render_template(
        "billing/show.html",
        form=form,
        errors=errors or {},
        saved="saved" in request.args,
        choices=CHOICES,
    )
