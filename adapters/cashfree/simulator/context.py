"""What the routes share: settings, database and background worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

import orjson
from quart import Response, current_app, request

from adapters.cashfree.simulator.background import BackgroundWorker
from adapters.cashfree.simulator.chaos import Chaos
from adapters.cashfree.simulator.database import Database
from adapters.cashfree.simulator.settings import SimulatorSettings

NAME = "simulator"


@dataclass(frozen=True, slots=True)
class SimulatorContext:
    """The parts of a running simulator."""

    settings: SimulatorSettings
    database: Database
    worker: BackgroundWorker
    chaos: Chaos


def context() -> SimulatorContext:
    """The simulator of the current request."""
    return cast(SimulatorContext, current_app.extensions[NAME])


async def body_of_request() -> bytes:
    """The raw bytes of the body."""
    data: bytes = await request.data
    return data


def reply(body: object, status: int = 200) -> Response:
    """A JSON response; amounts have two decimals."""
    return Response(orjson.dumps(body), status, content_type="application/json")
