"""Liveness and readiness checks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from quart import Blueprint, Response
from quart_schema import hide

from core.errors import Unavailable
from web.shared.access import Who, allow
from web.shared.api import json_response
from web.shared.context import dependencies
from web.shared.errors import RETRY_AFTER_S

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
    checks = dependencies().checks
    results = await asyncio.gather(*(_result(check) for check in checks.values()))
    status = 503 if any(isinstance(result, Unavailable) for result in results) else 200
    report = dict(zip(checks, map(_text, results), strict=True))
    response = json_response({"status": "ok" if status == 200 else "not ready", **report}, status)
    if status == 503:
        response.headers["Retry-After"] = RETRY_AFTER_S[503]
    return response


async def _result(check: Callable[[], Awaitable[object]]) -> object:
    """What it reports, or the error; all are asked at once, because each may take seconds."""
    try:
        result = await check()
    except Unavailable as error:
        return error
    return "ok" if result is None else result


def _text(result: object) -> object:
    return result.message if isinstance(result, Unavailable) else result
