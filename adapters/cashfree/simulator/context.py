"""What the routes share: the settings, the books and the courier."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import orjson
from quart import Response, current_app, request

from adapters.cashfree.simulator.background import BackgroundWorker
from adapters.cashfree.simulator.database import Database
from adapters.cashfree.simulator.settings import SimulatorSettings

NAME = "simulator"


@dataclass(frozen=True, slots=True)
class SimulatorContext:
    """One simulator at work."""

    settings: SimulatorSettings
    database: Database
    worker: BackgroundWorker


def context() -> SimulatorContext:
    """The simulator that serves the present request."""
    return cast(SimulatorContext, current_app.extensions[NAME])


async def body_of_request() -> bytes:
    """The bytes as they came."""
    data: bytes = await request.data
    return data


def reply(body: object, status: int = 200) -> Response:
    """JSON; amounts keep their two decimals."""
    return Response(orjson.dumps(body), status, content_type="application/json")
