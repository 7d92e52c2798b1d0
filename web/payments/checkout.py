"""The last page of ours before the payment provider's."""

from __future__ import annotations

import re

from quart import Blueprint, abort, render_template
from quart.typing import ResponseReturnValue

from web.shared.access import Who, allow
from web.shared.context import site
from web.shared.headers import allow_checkout

blueprint = Blueprint("checkout", __name__, template_folder="templates")

SESSION = re.compile(r"[\w.+=-]{1,512}", re.ASCII)


@blueprint.get("/checkout/cashfree/<session>")
@allow(Who.ANYONE)
async def launch(session: str) -> ResponseReturnValue:
    page = site().checkout
    if page is None or not SESSION.fullmatch(session):
        abort(404)
    allow_checkout()
    simulator = f"{site().base_url}/simulator/cashfree"
    simulated = page.script.startswith((f"{site().base_url}/simulator", "/simulator"))
    return await render_template(
        "checkout/launch.html",
        session=session,
        checkout=page,
        plain=f"{simulator}/checkout/{session}" if simulated else None,
    )
