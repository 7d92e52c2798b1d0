"""The hooks a plugin may implement. Every one is optional; see docs/plugins.md.

Three kinds: *contributions* are collected once at the start, *questions* are asked while
somebody waits (so they are short, and may only say no), *news* is told after the fact, at
least once, and a plugin that fails there harms nobody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pluggy

if TYPE_CHECKING:
    from quart import Blueprint

    from core.bookings import Booking
    from ports.payments import PaymentGateway

GROUP = "onehour.plugins"
spec = pluggy.HookspecMarker(GROUP)
implements = pluggy.HookimplMarker(GROUP)


@spec
def onehour_blueprints() -> list[Blueprint]:  # type: ignore[empty-body]
    """Contribution: pages and API routes. Each route declares its callers with `allow`."""


@spec
def onehour_navigation() -> list[tuple[str, str]]:  # type: ignore[empty-body]
    """Contribution: (words, path) pairs for the main navigation."""


@spec
def onehour_gateways(settings: Mapping[str, str]) -> Mapping[str, PaymentGateway]:  # type: ignore[empty-body]
    """Contribution: payment gateways by name, to be chosen with ONEHOUR_PAYMENTS.

    `settings` are the environment's names beginning with ONEHOUR_PLUGIN_. Each gateway's
    `name` is the name it is offered under.
    """


@spec
async def onehour_may_book(booking: Booking) -> str | None:
    """Question: a sentence for the client against this booking, or None. 2 seconds at most.

    `booking` is not saved yet. The first sentence, in the order of ONEHOUR_PLUGINS, is shown.
    """


@spec
async def onehour_booking_news(event: str, facts: Mapping[str, str]) -> None:
    """News: what happened to a booking. 10 seconds at most; may come more than once.

    `event` is the timeline's word, such as `paid`; `facts["booking"]` is the booking's id.
    """
