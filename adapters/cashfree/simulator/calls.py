"""What the APIs of payments and of payouts do around each call: keys and simulated faults."""

from __future__ import annotations

import asyncio
import hmac

from quart import Blueprint, Response, g, request

from adapters.cashfree.simulator import faults
from adapters.cashfree.simulator.chaos import SLOW_S, Answer
from adapters.cashfree.simulator.context import context, reply
from adapters.cashfree.simulator.errors import ApiError


def check_keys() -> None:
    """Raises `ApiError` without the keys of the account."""
    settings = context().settings
    sent = [request.headers.get(f"x-client-{part}", "").encode() for part in ("id", "secret")]
    expected = [settings.client_id.encode(), settings.client_secret.encode()]
    if not all([hmac.compare_digest(*pair) for pair in zip(sent, expected, strict=True)]):
        raise ApiError(401, "request_failed", "authentication Failed", "authentication_error")


def add_faults(blueprint: Blueprint) -> None:
    """Let the calls of this API fail as was set for them."""
    blueprint.before_request(_apply_fault)
    blueprint.after_request(_replace_lost_answer)


async def _apply_fault() -> None:
    """Apply the next simulated fault, otherwise the chaos. A lost response is replaced after the
    call took effect."""
    g.lost = g.cut = False
    if await context().database.read(faults.pending):
        kind = await context().database.write(faults.take)
    else:
        kind = await _chaos()
    g.lost = kind == faults.LOST
    if kind is not None and not g.lost:
        raise faults.answer(kind)


async def _chaos() -> str | None:
    """The fault that chaos has for this call."""
    match fate := context().chaos.answer():
        case Answer.SLOW:
            await asyncio.sleep(SLOW_S)
        case Answer.CUT:
            g.cut = True
        case Answer.BUSY | Answer.ERROR | Answer.LOST:
            return fate.value
        case Answer.WHOLE:
            pass
    return None


async def _replace_lost_answer(response: Response) -> Response:
    if g.get("cut"):
        raw = await response.get_data(as_text=False)
        response.set_data(raw[: len(raw) // 2])
    if g.get("lost"):
        error = faults.answer(faults.LOST)
        return reply(error.body, error.status)
    return response
