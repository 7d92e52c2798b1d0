"""The balance of the payout account, which Cashfree tells by the older version of its API only."""

from __future__ import annotations

import logging

from adapters.cashfree.amounts import paise
from adapters.cashfree.facts import Entity, text
from adapters.cashfree.wire import Answer, Wire
from core.money import CURRENCY, Money
from ports.payments import GatewayUnavailable

log = logging.getLogger(__name__)


async def available(wire: Wire) -> Money:
    """What can be transferred now: the balance less the transfers on their way. `wire` calls the
    older version. Raises `GatewayUnavailable`."""
    token = text(_data(await wire.call("POST", "/authorize", {})), "token")
    if not token:
        raise _malformed("token")
    bearer = {"authorization": f"Bearer {token}"}
    told = _data(await wire.call("GET", "/getBalance", more=bearer))
    try:
        return Money(paise(told.get("availableBalance")), CURRENCY)
    except ValueError as error:
        raise _malformed("balance") from error


def _data(answer: Answer) -> Entity:
    """Refusals have the status 200 as well, and no data."""
    data = answer.entity().get("data") if answer.ok else None
    if not isinstance(data, dict):
        raise _malformed("answer")
    return data


def _malformed(what: str) -> GatewayUnavailable:
    log.error("Cashfree did not tell the balance of the payout account: no valid %s", what)
    return GatewayUnavailable()
