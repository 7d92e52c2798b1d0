"""The captured e-mails of a site that does not send real ones, for development and tests."""

from __future__ import annotations

from quart import Blueprint, Response, abort, jsonify, render_template, request
from quart.typing import ResponseReturnValue

from web.shared.access import Who, allow
from web.shared.context import site
from web.shared.headers import NO_SOURCES, policy_header

blueprint = Blueprint("development", __name__, template_folder="templates")

EMAIL_POLICY = policy_header(
    NO_SOURCES
    | {"style-src": "'unsafe-inline'", "img-src": "data:", "sandbox": "allow-top-navigation"}
)
"""E-mails contain inline styles, which pages of the site must not."""


@blueprint.get("/dev/mail")
@allow(Who.ANYONE)
async def mails() -> ResponseReturnValue:
    to = request.args.get("to", "").strip()
    numbered = list(enumerate(reversed(_caught("")), 1))
    shown = [(n, mail) for n, mail in reversed(numbered) if not to or mail["to"] == to]
    return await render_template("development/mails.html", mails=shown, to=to)


@blueprint.get("/dev/mail.json")
@allow(Who.ANYONE)
async def mails_json() -> ResponseReturnValue:
    return jsonify(_caught(request.args.get("to", "").strip()))


@blueprint.get("/dev/mail/<int:number>")
@allow(Who.ANYONE)
async def email(number: int) -> ResponseReturnValue:
    """One e-mail as HTML, without scripts. `number` counts from the oldest, starting with 1."""
    mails = _caught("")
    if not 1 <= number <= len(mails):
        abort(404)
    response = Response(str(mails[-number]["html"]), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = EMAIL_POLICY
    return response


def _caught(to: str) -> list[dict[str, object]]:
    caught = site().caught_mail
    return caught(to or None) if caught else []
