"""Liveness and readiness checks."""

from __future__ import annotations

from quart import Blueprint, Response
from quart_schema import hide

from core.errors import OneHourError
from web.shared.access import Who, allow
from web.shared.api import json_response
from web.shared.context import dependencies

blueprint = Blueprint("system", __name__, template_folder="templates")


@blueprint.get("/healthz")
@allow(Who.ANYONE, cookies=False)
@hide
async def healthz() -> Response:
    """The process is running."""
    return json_response({"status": "ok"})


@blueprint.get("/readyz")
@allow(Who.ANYONE, cookies=False)
@hide
async def readyz() -> Response:
    """503 while the database is unavailable; also reports the delay of the relay and the state
    of Redis.

    Without Redis only wake-ups and live updates are missing, so it does not affect the status.
    """
    checks: dict[str, object] = {}
    status = 200
    for name, check in dependencies().checks.items():
        try:
            result = await check()
            checks[name] = "ok" if result is None else result
        except OneHourError as error:
            checks[name] = error.message
            status = 503
    return json_response({"status": "ok" if status == 200 else "not ready", **checks}, status)
