"""The web record of a capability: its pages, API, socket events, and parts of other pages.

`web/app.py` lists the records; plugins add more.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from quart import Blueprint

from core.accounts import Account
from services.bootstrap import Services
from web.shared.assets import StaticFolder
from web.shared.live_events import LiveEvent
from web.shared.notices import NoticeWords
from web.shared.sockets import SocketHandler
from web.shared.timeline import Wording


class Slot(StrEnum):
    """The slots of pages that panels can fill, with the arguments of each.

    Every slot also gets `viewer`, the signed-in account or None.
    """

    PROFILE = "profile"
    """On a developer's profile, below the description: `developer`."""
    PROFILE_FACTS = "profile_facts"
    """In the line of facts at the top of a profile, as a `span`: `developer`."""
    PROFILE_END = "profile_end"
    """At the end of a profile: `developer`."""
    BOOKING_FORM = "new_booking"
    """In the form of a booking, above its price: `developer`, `fields` that were typed, and their
    `errors`. The field `code` is an input with name and id `plugin_code`; a button named
    `show_price` shows the price for what was typed."""
    SEARCH_ROW = "search_row"
    """In each row of the search results: `developer`."""
    SEARCH_FACTS = "search_facts"
    """In the line of facts of each row of the search results, as a `span`: `developer`."""
    LISTED_BOOKING = "listed_booking"
    """Beside a booking that another page shows, such as a list: `booking`."""
    CASE = "case"
    """On the page of a case, for its two sides and for administrators: `booking`."""
    CALL = "call"
    """Beside the pictures of a call: `booking`."""
    CALL_PAD = "call_pad"
    """Beside the pictures of a call, opened by a control of its own: `booking`."""
    BOOKING = "booking"
    """On a booking's page, beside the timeline: `booking`, `job` or None."""
    BOOKING_MAIN = "booking_main"
    """On a booking's page, below what comes next and its deliveries: `booking`, `job` or None."""
    BOOKING_TOP = "booking_top"
    """On a booking's page, above what comes next, for what waits for an answer: `booking`, `job` or
    None."""
    BOOKING_NEXT = "booking_next"
    """On a booking's page, in what comes next while that is the meeting, instead of the time until
    it starts or ends: `booking`, `job` or None."""
    DELIVERY = "delivery"
    """On the page of a delivery, beside its files: `booking`, `job`, `delivery`."""
    CLIENT_DASHBOARD = "client_dashboard"
    """At the end of a client's bookings, `/dashboard`."""
    DEVELOPER_DASHBOARD = "developer_dashboard"
    """At the end of a developer's dashboard, `/dashboard`: `developer`."""
    WELCOME = "welcome"
    """On the page after an account has confirmed its address, below the first steps."""
    PREFERENCES = "preferences"
    """At the end of the preferences of notifications, below their form."""
    ADMIN = "admin"
    """At the end of the accounts page of administrators."""
    OVERVIEW = "overview"
    """Among the numbers of the overview of administrators: one `card`."""
    CHECKOUT = "checkout"
    """On the page that opens the checkout of the payment provider: `provider`."""


Render = Callable[[Mapping[str, object]], Awaitable[str | None]]
"""Returns HTML, usually from `render_template`, or None."""


@dataclass(frozen=True, slots=True)
class Panel:
    """Content of a capability in a slot of a page."""

    slot: Slot
    render: Render


def always() -> bool:
    return True


Count = Callable[[Account], Awaitable[int | None]]
RouteFunction = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the main navigation; `path` starts with a slash. Those who may not open its page,
    by what its route declares, do not see it.

    With `count`, it is for accounts alone: the function returns the number to show beside the
    label, 0 for none, or None if the account has no use for the link. It runs once for each page
    of a signed-in account. `counted` says what is counted: "unread" of "2 unread". `on` as in
    `WebCapability`.
    """

    label: str
    path: str
    count: Count | None = None
    counted: str = ""
    on: Callable[[], bool] = field(default=always, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class WebCapability:
    """The contributions of one capability to the web layer.

    - `pages` are blueprints of HTML pages, `api` those of the documented API; each route declares
      its callers with `allow`;
    - `navigation` are links of the main navigation, `administration` those of administrators;
    - `events` are socket events by name, whose handlers declare their callers with `allow` and
      their data with `document_event`; `live_events` are those that its services publish;
    - `timeline` is the wording of its timeline entries and `activity` that of its audit entries,
      by kind: one for each kind that its `Capability` declares;
    - `notices` has the words of its notices: one for each that its `Capability` declares;
    - `static` is its folder of style sheets, scripts and pictures;
    - `live_scripts` are modules for live updates, loaded by every page of a signed-in account, as
      paths below `/static/`;
    - `body_limits` is the size limit of a POST or PUT body in bytes, by path, where it differs
      from the general limit. A path that ends with a slash is the beginning of paths;
    - `on`: False while its plugin is switched off. Its pages are not found then, and its API is
      not available. The plugin manager sets it;
    - `within` makes the functions of its routes end in time. The plugin manager sets it.
    """

    name: str
    pages: tuple[Blueprint, ...] = ()
    api: tuple[Blueprint, ...] = ()
    events: Mapping[str, SocketHandler] = field(default_factory=dict)
    live_events: tuple[LiveEvent, ...] = ()
    navigation: tuple[Link, ...] = ()
    administration: tuple[Link, ...] = ()
    panels: tuple[Panel, ...] = ()
    timeline: Mapping[str, Wording] = field(default_factory=dict)
    activity: Mapping[str, str] = field(default_factory=dict)
    notices: NoticeWords | None = None
    static: StaticFolder | None = None
    live_scripts: tuple[str, ...] = ()
    body_limits: Mapping[str, Callable[[Services], int]] = field(default_factory=dict)
    on: Callable[[], bool] = always
    within: Callable[[RouteFunction], RouteFunction] | None = None
