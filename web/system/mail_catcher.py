"""Only where mail is caught: what would have been sent, to read and to test with."""

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
"""A mail brings styles of its own, which the pages of the site may not."""


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
    """One mail as its reader sees it: by itself, without scripts, counted from the oldest."""
    mails = _caught("")
    if not 1 <= number <= len(mails):
        abort(404)
    answer = Response(str(mails[-number]["html"]), content_type="text/html; charset=utf-8")
    answer.headers["Content-Security-Policy"] = EMAIL_POLICY
    return answer


def _caught(to: str) -> list[dict[str, object]]:
    caught = site().caught_mail
    return caught(to or None) if caught else []
