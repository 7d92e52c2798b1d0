"""Only where mail is caught: what would have been sent, to read and to test with."""

from __future__ import annotations

from quart import Blueprint, jsonify, render_template, request
from quart.typing import ResponseReturnValue

from web.access import Who, allow
from web.context import site

blueprint = Blueprint("development", __name__)


@blueprint.get("/dev/mail")
@allow(Who.ANYONE)
async def mails() -> ResponseReturnValue:
    to = request.args.get("to", "").strip()
    return await render_template("development/mails.html", mails=_caught(to), to=to)


@blueprint.get("/dev/mail.json")
@allow(Who.ANYONE)
async def mails_json() -> ResponseReturnValue:
    return jsonify(_caught(request.args.get("to", "").strip()))


def _caught(to: str) -> list[dict[str, object]]:
    caught = site().caught_mail
    return caught(to or None) if caught else []
