"""What the APIs of payments and of payouts do around each call: keys and simulated faults."""

from __future__ import annotations

import hmac

from quart import Blueprint, Response, g, request

from adapters.cashfree.simulator import faults
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
    """Apply the next simulated fault. A lost response is replaced after the call took effect."""
    g.lost = False
    if not await context().database.read(faults.pending):
        return
    kind = await context().database.write(faults.take)
    g.lost = kind == faults.LOST
    if kind is not None and not g.lost:
        raise faults.answer(kind)


async def _replace_lost_answer(response: Response) -> Response:
    if g.get("lost"):
        error = faults.answer(faults.LOST)
        return reply(error.body, error.status)
    return response
