"""Whether this process lives, and whether it should get traffic."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import hide

from core.errors import OneHourError
from web.shared.access import Who, allow
from web.shared.api import json_response
from web.shared.context import dependencies

blueprint = Blueprint("system", __name__, template_folder="templates")


@blueprint.get("/healthz")
@allow(Who.ANYONE)
@hide
async def healthz() -> Response:
    return json_response({"status": "ok"})


@blueprint.get("/readyz")
@allow(Who.ANYONE)
@hide
async def readyz() -> Response:
    """503 while the database is away; says how late the relays are, and whether Redis is there.

    Redis only wakes and spreads work, so its loss makes things slower and not wrong.
    """
    checks: dict[str, object] = {}
    status = 200
    for name, check in dependencies().checks.items():
        try:
            word = await check()
            checks[name] = "ok" if word is None else word
        except OneHourError as error:
            checks[name] = error.message
            status = 503
    return json_response({"status": "ok" if status == 200 else "not ready", **checks}, status)
