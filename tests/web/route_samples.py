"""What tests need to know of a capability's routes, gathered from `tests/web/*/samples.py`.

Each capability's `samples.py` exports `SAMPLES: RouteSamples`. Tests that ask every route (the
access matrix, headers, inputs, forgery) use `all_samples()`, so a new capability adds a folder.
`test_route_samples.py` names every route that lacks something here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from core.bookings import Booking
    from tests.web.every_role import Person, SiteWithEveryRole
    from tests.web.site import SiteWithBooking

Sent = dict[str, Any]
"""What goes along with a request: the keywords of Quart's test client."""
BuildRequest = Callable[["SiteWithEveryRole", "Person", str], Awaitable[Sent]]
"""Does first what the request needs (asks for a code, starts a sign-in at a provider), as the
person who then sends it. The text is what stands in the path, "" if nothing does."""
NO_BODY: Sent = {}

HELD, REQUESTED, CONFIRMED, DELIVERED = "held", "requested", "confirmed", "delivered"
DISPUTED = "disputed"


def other_client(name: str) -> str:
    """The client whose things are foreign to the person of this name."""
    return "client" if name in ("client2", "dev2") else "client2"


@dataclass(frozen=True, kw_only=True)
class PathVariable:
    """Values of one variable in the paths of routes.

    `example` fits `SiteWithBooking`. The others fit `SiteWithEveryRole`: `absent` has the right
    form and names nothing, `known` names something that is there for everybody, `own` what one
    person owns (or None, if they have none; the booking is in the state the route takes),
    `foreign_to` names the person whose things are foreign to a person, `hidden` is what exists
    and is shown to its owner alone.
    """

    example: Callable[[SiteWithBooking], str]
    absent: str
    known: Callable[[SiteWithEveryRole], str] | None = None
    own: Callable[[Person, Booking | None], str | None] | None = None
    foreign_to: Callable[[str], str] = other_client
    hidden: Callable[[SiteWithEveryRole], str] | None = None


@dataclass(frozen=True, kw_only=True)
class RouteSamples:
    """`bodies` by endpoint: the least that the route takes. `states` by endpoint: the state in
    which a booking takes what is asked, confirmed where none is named. `events`: the data of each
    socket event, or a function of the person who sends it. `prepare` creates what people own
    before anybody asks."""

    bodies: Mapping[str, Sent | BuildRequest] = field(default_factory=dict)
    states: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, PathVariable] = field(default_factory=dict)
    events: Mapping[str, object] = field(default_factory=dict)
    prepare: Callable[[SiteWithEveryRole], Awaitable[None]] | None = None


def samples_by_module() -> Iterator[tuple[str, RouteSamples]]:
    """Module name and samples of each capability, in the order of the names."""
    for path in sorted(Path(__file__).parent.glob("*/samples.py")):
        name = f"tests.web.{path.parent.name}.samples"
        yield name, import_module(name).SAMPLES


@cache
def all_samples() -> RouteSamples:
    """One `RouteSamples` with everything but the `prepare` functions."""
    every = [samples for _, samples in samples_by_module()]
    return RouteSamples(
        bodies={name: body for each in every for name, body in each.bodies.items()},
        states={name: state for each in every for name, state in each.states.items()},
        variables={name: value for each in every for name, value in each.variables.items()},
        events={name: data for each in every for name, data in each.events.items()},
    )
