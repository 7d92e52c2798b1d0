"""The hooks a plugin may implement. Every one is optional; see docs/plugins.md.

Four kinds: *contributions* are collected once at the start, *questions* are asked while
somebody waits (so they are short, and may only refuse), a *part* says what is stored for a plugin
together with a booking, *events* are delivered after the fact, at least once. A hook takes any of
its arguments by name.

An argument that goes stays for one version, with the warning for those who still take it:
`@spec(warn_on_impl_args={"old": DeprecationWarning("Take … instead of old.")})`. The warning is
logged once, at the start.

Order and wrappers are pluggy's: plugins named earlier in ONEHOUR_PLUGINS are called first,
unless they say `tryfirst` or `trylast`, and `wrapper=True` sees the results of all others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from pydantic import BaseModel

    from core.bookings import Booking
    from core.prices import PriceLine
    from plugins.context import PluginContext
    from ports.adapters import AdapterOffer
    from ports.documents import AddDocument, SaveDocument
    from services.shared.capabilities import Capability
    from web.shared.capabilities import WebCapability

GROUP = "onehour.plugins"
spec = pluggy.HookspecMarker(GROUP)
implements = pluggy.HookimplMarker(GROUP)


@spec
def onehour_settings() -> type[BaseModel] | None:
    """Contribution: the plugin's settings, a pydantic model.

    Each field is read from `ONEHOUR_PLUGIN_<NAME>_<FIELD>`, where the name is the plugin's. A
    wrong value and an unknown name stop the start with one sentence. The other hooks get the
    values by `context.settings(Model)`.
    """


@spec
def onehour_capabilities(context: PluginContext) -> Sequence[Capability]:  # type: ignore[empty-body]
    """Contribution: services, stored documents, outbox messages, periodic jobs, personal data
    and notices. Built after the built-in capabilities, in web and worker processes."""


@spec
def onehour_web(context: PluginContext) -> Sequence[WebCapability]:  # type: ignore[empty-body]
    """Contribution: pages, API, socket events, navigation, panels on our pages, static files.

    Each route and socket event declares its callers with `allow`.
    """


@spec
def onehour_adapters(context: PluginContext) -> Sequence[AdapterOffer[Any, Any]]:  # type: ignore[empty-body]
    """Contribution: adapters of a port by name, such as a payment gateway to be chosen with
    ONEHOUR_PAYMENTS or a mailer to be chosen with ONEHOUR_MAIL."""


@spec
async def onehour_may_book(booking: Booking, context: PluginContext) -> str | None:
    """Question: a sentence for the person against this booking, or None. 200 ms at most.

    `booking` is not saved yet. It is a new one, or an existing one with the new start that one side
    wants to propose. All plugins are asked at the same time; the first sentence, in
    the order of the calls, is shown.
    """


@spec
async def onehour_price(
    booking: Booking, fields: Mapping[str, str], context: PluginContext
) -> Sequence[PriceLine] | None:
    """Question: what changes the price of this booking, line by line. 200 ms at most.

    `booking` is as in `onehour_may_book`, without lines of other plugins. `fields` has what was
    typed into the fields that panels add to the form of a booking, by name; they are not checked.
    The lines are shown before the client pays, frozen into the booking, and follow each other in
    the order of the calls. A discount that would leave less than one rupee is cut. To refuse what
    was typed, raise `Invalid` with the message for each field, `Invalid(code="…")`: it is shown at
    the field.
    """


@spec
async def onehour_book(
    booking: Booking, fields: Mapping[str, str], context: PluginContext
) -> Sequence[AddDocument[Any] | SaveDocument[Any]] | None:
    """Part: what is stored for the plugin together with a booking, in the transaction that holds
    its time: documents of its own, at most 20. 200 ms at most.

    Asked for a new booking, with its price as it is stored, and once more with no `fields` when a
    payment arrives for a booking that had expired. It stores nothing itself. When a document was
    saved or added by others since the plugin read it, the transaction is taken back and the plugin
    is asked again: so save what a limit depends on. To refuse the booking, raise `Invalid` with
    the message for each field, or `Conflict` with a sentence. After any other error the booking is
    made without the plugin and its price lines, if the client has not been shown another price.
    """


@spec
async def onehour_booking_event(
    event: str, facts: Mapping[str, str], context: PluginContext
) -> None:
    """Event: what happened to a booking. 10 seconds at most; may come more than once, and comes
    again after a failure.

    `event` is the timeline's word, such as `paid`; `facts["booking"]` is the booking's id.
    """
