"""What a plugin contributes, isolated: nothing of it breaks the page or the work of others.

Functions of its records are replaced by guarded ones, which answer nothing while the plugin is
switched off, and when it fails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial, wraps
from typing import Any

from quart import current_app, request

from core.accounts import Account
from core.errors import NotFound, Unavailable
from core.notifications import Notification
from core.outbox import NotDueYet
from core.timeline import Entry
from plugins.calls import Call, asked, failure_of, own, plain
from plugins.errors import PluginFailed, WrongPlugin, one_line
from plugins.steps import KeepsLoop, in_steps
from services.bootstrap import Services
from services.shared.capabilities import Build, Built, Capability, Within, Work, WrongCapability
from services.shared.dependencies import Dependencies
from services.timeline import BookingDetails
from web.shared.capabilities import Count, Link, Panel, RouteFunction, WebCapability
from web.shared.live_events import LiveEvent
from web.shared.notices import FactsOf, NoticeLine, NoticeWording, NoticeWords
from web.shared.sides import Side
from web.shared.sockets import Acknowledgement, Socket, SocketHandler
from web.shared.timeline import Line, Wording, readable

ROUTE_S = 30.0
"""How long a route of a plugin may take until it has its answer. That includes a slow line: the
body of the request."""
ASK_AGAIN_AFTER = timedelta(minutes=5)
"""How often the work of a plugin that is switched off is postponed."""


def guarded_capability(record: Capability, call: Call) -> Capability:
    return replace(record, within=_within(call), build=_build(call, record.build))


def _build(call: Call, build: Build) -> Build:
    """What a plugin raises while it builds its services stops the start with one sentence."""

    def built(dependencies: Dependencies, others: Built) -> Mapping[str, object]:
        try:
            return build(dependencies, others)
        except (WrongPlugin, WrongCapability):
            raise
        except (Exception, SystemExit) as error:
            raise WrongPlugin(
                f"The plugin {call.plugin} failed to build its services: {one_line(error)}."
            ) from error

    return built


def guarded_web(record: WebCapability, call: Call) -> WebCapability:
    is_on = partial(call.health.is_on, call.plugin)
    return replace(
        record,
        on=is_on,
        within=partial(_route, call),
        events={name: _event(call, each) for name, each in record.events.items()},
        live_events=tuple(_live_event(call, each) for each in record.live_events),
        navigation=tuple(_link(call, each) for each in record.navigation),
        panels=tuple(_panel(call, each) for each in record.panels),
        timeline={name: _wording(call, each) for name, each in record.timeline.items()},
        notices=_notices(call, record.notices) if record.notices else None,
        body_limits={path: _limit(call, path, each) for path, each in record.body_limits.items()},
    )


def _limit(call: Call, path: str, limit: Callable[[Services], int]) -> Callable[[Services], int]:
    """Read once, at the start, which it stops with one sentence if it fails."""

    def read(services: Services) -> int:
        try:
            found = limit(services)
        except (Exception, SystemExit) as error:
            raise WrongPlugin(
                f"The plugin {call.plugin} failed in the body limit {path}: {one_line(error)}."
            ) from error
        if type(found) is not int or found < 1:
            raise WrongPlugin(
                f"The plugin {call.plugin} must give the body limit {path} as a number of bytes."
            )
        return found

    return read


def _route(call: Call, function: RouteFunction) -> RouteFunction:
    """What a route raises is its own; only what would end the process is replaced."""

    @wraps(function)
    async def run(*args: Any, **more: Any) -> Any:
        waits = current_app.ensure_async(function)
        failed = call.named(f"route {request.endpoint}")
        try:
            async with asyncio.timeout(ROUTE_S) as limit:
                return await waits(*args, **more)
        except (SystemExit, KeyboardInterrupt, KeepsLoop) as error:
            failed.failed(error)
            raise PluginFailed(f"The plugin {call.plugin} failed.") from error
        except TimeoutError as error:
            if not limit.expired():
                raise
            failed.late(ROUTE_S)
            raise Unavailable("This takes too long. Try again in a moment.") from error

    return run


def _within(call: Call) -> Within:
    async def within(work: Work) -> None:
        """What a handler raises is its own; only what would end the worker is replaced."""
        await call.health.refresh()
        if not call.health.is_on(call.plugin):
            raise NotDueYet(call.health.now() + ASK_AGAIN_AFTER)
        try:
            await in_steps(work())
        except Exception:
            raise
        except asyncio.CancelledError:  # by the relay, after its time
            raise
        except BaseException as error:
            failure = failure_of(error)
            call.health.failed(call.plugin, call.hook, failure)
            raise PluginFailed(f"The plugin {call.plugin} failed: {failure.what}.") from error

    return within


def _event(call: Call, handler: SocketHandler) -> SocketHandler:
    @wraps(handler)
    async def handle(socket: Socket, data: Any) -> Acknowledgement | None:
        if not call.health.is_on(call.plugin):
            raise NotFound
        return await in_steps(handler(socket, data))

    return handle


def _live_event(call: Call, event: LiveEvent) -> LiveEvent:
    heard = event.heard
    if heard is None:
        return event

    def hear(services: Any, data: Any) -> None:
        plain(call.named(event.name), partial(heard, services, data), object)

    return replace(event, heard=hear)


def _link(call: Call, link: Link) -> Link:
    on = partial(call.health.is_on, call.plugin)
    return replace(link, on=on, count=_count(call, link) if link.count else None)


def _count(call: Call, link: Link) -> Count:
    count = link.count
    assert count is not None

    async def counted(account: Account) -> int | None:
        ask = partial(count, own(account))
        return await asked(call.named(f"count of {link.path}"), ask, int)

    return counted


def _panel(call: Call, panel: Panel) -> Panel:
    async def render(facts: Mapping[str, object]) -> str | None:
        ask = partial(panel.render, {name: own(each) for name, each in facts.items()})
        return await asked(call.named(f"panel {panel.slot}"), ask, str)

    return Panel(panel.slot, render)


def _wording(call: Call, wording: Wording) -> Wording:
    def words(entry: Entry, details: BookingDetails, side: Side) -> Line:
        ask = partial(wording, own(entry), own(details), side)
        line = plain(call.named(f"timeline {entry.what}"), ask, Line)
        return line or Line(readable(entry.what))

    return words


def _notices(call: Call, notices: NoticeWords) -> NoticeWords:
    words = {name: _notice(call, name, each) for name, each in notices.words.items()}
    return NoticeWords(words, _facts(call, notices.facts))


def _notice(call: Call, name: str, wording: NoticeWording) -> NoticeWording:
    def words(entry: Notification, facts: Any) -> NoticeLine:
        line = plain(call.named(f"notice {name}"), partial(wording, own(entry), facts), NoticeLine)
        return line or NoticeLine(readable(name))

    return words


def _facts(call: Call, facts: FactsOf) -> FactsOf:
    async def read(entries: Sequence[Notification]) -> Mapping[str, Any]:
        found = await asked(
            call.named("facts of notices"), partial(facts, [own(each) for each in entries]), dict
        )
        return found or {}

    return read
