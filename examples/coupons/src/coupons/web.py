"""The page of administrators, and the field in the form of a booking."""

from __future__ import annotations

from collections.abc import Mapping

from quart import Blueprint, redirect, render_template, url_for
from quart.typing import ResponseReturnValue

from coupons.activity import WORDS
from coupons.forms import LABELS, coupon_of
from coupons.model import FIELD
from coupons.service import CouponService
from onehour.api import (
    Account,
    Developer,
    FormFields,
    Invalid,
    Link,
    Panel,
    PluginContext,
    Role,
    Slot,
    WebCapability,
    Who,
    allow,
    caller,
    me,
    next_cursor,
    now,
    page_cursor,
    read_form,
    refilled,
    typed,
)


def web(context: PluginContext) -> WebCapability:
    return WebCapability(
        name="coupons",
        pages=(pages(context),),
        administration=(Link("Coupons", "/admin/coupons"),),
        panels=(Panel(Slot.BOOKING_FORM, code_field),),
        activity=WORDS,
    )


def pages(context: PluginContext) -> Blueprint:
    blueprint = Blueprint(
        "coupons", __name__, template_folder="templates", url_prefix="/admin/coupons"
    )

    def coupons() -> CouponService:
        return context.service(CouponService)

    async def listed(form: FormFields, errors: FormFields) -> str:
        found, following = await coupons().page(cursor=page_cursor())
        return await render_template(
            "coupons/index.html",
            coupons=found,
            following=next_cursor(following),
            moment=now(),
            most_percent=coupons().settings.most_percent,
            form=typed(form),
            errors=errors,
            labels=LABELS,
        )

    @blueprint.get("")
    @allow(Who.ADMIN)
    async def index() -> str:
        return await listed(refilled(url_for(".create")) or {}, {})

    @blueprint.post("")
    @allow(Who.ADMIN, step_up=True, label="Create a coupon")
    async def create() -> ResponseReturnValue:
        form, most_percent = await read_form(), coupons().settings.most_percent
        try:
            coupon = coupon_of(form, now=now(), zone=me().timezone, most_percent=most_percent)
            await coupons().create(coupon, by=me(), caller=caller())
        except Invalid as error:
            return await listed(form, error.fields), 422
        return redirect(url_for(".index"), 303)

    @blueprint.post("/<code>/end")
    @allow(Who.ADMIN, page="coupons.index", label="End a coupon")
    async def end(code: str) -> ResponseReturnValue:
        await coupons().end(code, by=me(), caller=caller())
        return redirect(url_for(".index"), 303)

    return blueprint


async def code_field(facts: Mapping[str, object]) -> str | None:
    """For clients, since only they book, and not with themselves."""
    viewer, developer = facts["viewer"], facts["developer"]
    fields, errors = facts["fields"], facts["errors"]
    assert isinstance(developer, Developer)
    assert isinstance(fields, Mapping)
    assert isinstance(errors, Mapping)
    if not isinstance(viewer, Account) or Role.CLIENT not in viewer.roles:
        return None
    if viewer.id == developer.account_id:
        return None
    return await render_template(
        "coupons/_field.html", code=fields.get(FIELD, ""), error=errors.get(FIELD, "")
    )
