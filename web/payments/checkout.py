"""The page that opens the checkout of the payment provider."""

from __future__ import annotations

import re

from quart import Blueprint, Response, abort, render_template, send_file, url_for
from quart.typing import ResponseReturnValue

from ports.payments import Checkout
from web.shared.access import Who, allow
from web.shared.assets import file_digest, module_of
from web.shared.context import site
from web.shared.headers import allow_source

blueprint = Blueprint("checkout", __name__, template_folder="templates")

SESSION = re.compile(r"[\w.+=-]{1,512}", re.ASCII)


@blueprint.get("/checkout/<provider>/<session>")
@allow(Who.ANYONE)
async def launch(provider: str, session: str) -> ResponseReturnValue:
    checkout = _checkout(provider)
    if not SESSION.fullmatch(session):
        abort(404)
    for directive, sources in checkout.sources.items():
        allow_source(directive, sources)
    version = file_digest(checkout.module, "sha256").hex()[:12]
    source = url_for(".module", provider=provider, v=version)
    return await render_template(
        "checkout/launch.html",
        provider=provider,
        session=session,
        module=source,
        module_script=module_of(source, checkout.module),
        parameters=checkout.parameters,
        plain=f"{checkout.plain}/{session}" if checkout.plain else None,
    )


@blueprint.get("/checkout/<provider>.js")
@allow(Who.ANYONE)
async def module(provider: str) -> Response:
    """The JavaScript module of a provider's adapter that opens its checkout."""
    return await send_file(_checkout(provider).module, mimetype="text/javascript")


def _checkout(provider: str) -> Checkout:
    checkout = site().checkouts.get(provider)
    if checkout is None:
        abort(404)
    return checkout
