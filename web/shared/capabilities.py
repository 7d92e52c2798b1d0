"""A capability's record for the web layer: its pages, API, socket events and what it adds to
pages of others. `web/app.py` lists the records; plugins contribute more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from quart import Blueprint

from services.bootstrap import Services
from web.shared.assets import StaticFolder
from web.shared.sockets import SocketHandler
from web.shared.timeline import Wording


class Slot(StrEnum):
    """The places in our pages that panels can fill, and the facts each one gets.

    Every slot also has `viewer`, the account that looks or None.
    """

    PROFILE = "profile"
    """On a developer's profile, below the description: `developer`."""
    SEARCH_ROW = "search_row"
    """In each row of the search results: `developer`."""
    BOOKING = "booking"
    """On a booking's page, beside the timeline: `booking`, `job` or None."""
    CLIENT_DASHBOARD = "client_dashboard"
    """At the end of a client's bookings."""
    DEVELOPER_DASHBOARD = "developer_dashboard"
    """At the end of the dashboard: `developer`."""
    ADMIN = "admin"
    """At the end of the administrators' first page."""
    CHECKOUT = "checkout"
    """On the last page before the payment provider's: `provider`."""


Render = Callable[[Mapping[str, object]], Awaitable[str | None]]
"""Returns HTML, usually by `render_template`, or None for nothing."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page that belongs to another capability."""

    slot: Slot
    render: Render


@dataclass(frozen=True, slots=True)
class Link:
    """A link of the main navigation; `path` begins with a slash."""

    label: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WebCapability:
    """What one capability contributes to the web layer.

    - `pages` are blueprints for people, `api` those the API document describes; each route
      declares its callers with `allow`;
    - `events` are socket events by name, whose handlers declare their callers with `allow`;
    - `timeline` are the words of its timeline entries, `activity` those of its audit entries, by
      kind: one for each its `Capability` declares;
    - `static` is its folder of style sheets, scripts and pictures;
    - `live_scripts` are modules that every page of a logged-in person loads, as paths below
      `/static/`; they listen for live updates;
    - `body_limits` are bytes a POST may bring to a path, where the general limit is too small.
    """

    name: str
    pages: tuple[Blueprint, ...] = ()
    api: tuple[Blueprint, ...] = ()
    events: Mapping[str, SocketHandler] = field(default_factory=dict)
    navigation: tuple[Link, ...] = ()
    panels: tuple[Panel, ...] = ()
    timeline: Mapping[str, Wording] = field(default_factory=dict)
    activity: Mapping[str, str] = field(default_factory=dict)
    static: StaticFolder | None = None
    live_scripts: tuple[str, ...] = ()
    body_limits: Mapping[str, Callable[[Services], int]] = field(default_factory=dict)
