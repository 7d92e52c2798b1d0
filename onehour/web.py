"""The web server: one Hypercorn server in this process, or several child processes that share a
listening socket.

Hypercorn does not shut down gracefully with several workers, so each child runs a single one.
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Coroutine, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

from hypercorn.asyncio import serve
from hypercorn.config import Config

from adapters.prometheus.settings import MetricsOptions
from core.errors import OneHourError
from onehour import connections, even_accepts
from onehour.event_loops import new_event_loop
from onehour.imports import import_libraries
from onehour.local.children import Child
from onehour.local.ports import listening_socket, reachable
from onehour.local.readiness import Check, answers_ok
from onehour.local.supervisor import Supervisor
from onehour.logs import log_to_stderr
from onehour.metrics_server import metrics_socket, serve_metrics
from onehour.settings import Settings
from onehour.shares import Shares, new_shares
from onehour.site_pages import site_pages
from onehour.started import keep_what_started, start_quickly

log = logging.getLogger(__name__)

GRACEFUL_TIMEOUT_S = 8.0
"""How long running requests may take after a stop: less than a supervisor waits before SIGKILL."""
DRAIN_DELAY_S = 0.05
"""Between the end of listening and the closing of open websockets."""


class WebApp(Protocol):
    """The application as this module serves it."""

    asgi: Any

    @property
    def metrics(self) -> Any:
        """An ASGI application that shows the metrics; None if they are off."""
        ...

    async def start(self) -> None:
        """Opens connections; raises `OneHourError` when the application cannot work."""
        ...

    async def drain(self) -> None:
        """Closes open websockets, which would delay the shutdown. Their clients connect again."""
        ...

    async def stop(self) -> None:
        """Closes what `start` opened."""
        ...


def main(settings: Settings, *, processes: int = 1) -> None:
    """Serves in 1 to 64 `processes` until SIGINT or SIGTERM.

    Raises `WrongSetting` when the address is in use or the operator's pages cannot be read, and
    `Incomplete` when files of the application are missing.
    """
    site_pages(settings)  # checked before the start of several processes
    if settings.in_production and settings.pages_dir is None:
        log.warning(
            "ONEHOUR_PAGES_DIR is not set: the pages for privacy, terms and help are not yours"
        )
    with ExitStack() as opened:
        listener = opened.enter_context(listening_socket(settings.host, settings.port))
        options = settings.section(MetricsOptions)
        metrics = metrics_socket(options, options.web_port, "ONEHOUR_METRICS_WEB_PORT")
        if metrics:
            opened.enter_context(metrics)
        sockets = Sockets(listener.fileno(), metrics.fileno() if metrics else None)
        if processes == 1:
            _run(_serve_one(settings, sockets))
        else:
            shared = TemporaryDirectory(prefix="onehour-metrics-") if metrics else nullcontext("")
            folder = Path(opened.enter_context(shared))
            shares = opened.enter_context(new_shares(processes)).fileno()
            places = [Place(number, shares, folder) for number in range(1, processes + 1)]
            asyncio.run(_serve_many(settings, sockets, places))


@dataclass(frozen=True, slots=True)
class Sockets:
    """The descriptors of listening sockets: of the site, and of the metrics if they are on."""

    site: int
    metrics: int | None


@dataclass(frozen=True, slots=True)
class Place:
    """Of one of several processes: which one it is, counted from 1, the descriptor of the file in
    which they count their connections, and the folder of their metrics."""

    number: int
    shares: int
    metrics: Path | None

    @property
    def name(self) -> str:
        return f"web-{self.number}"


async def _serve_one(settings: Settings, sockets: Sockets, place: Place | None = None) -> None:
    """`place` is that of this process among several."""
    # Imported here: a parent of several processes does not need the application.
    from onehour.application import Application
    from onehour.installed import check_files
    from onehour.telemetry import observe
    from web.shared.socket_server import LARGEST_FRAME

    check_files()
    connections.install()
    if place:
        even_accepts.install(sockets.site, Shares(place.shares, place.number - 1))
    observation = observe(
        settings,
        place.name if place else "web",
        metrics=sockets.metrics is not None,
        shared=place.metrics if place else None,
    )
    app: WebApp = Application(settings, observation)
    stop = _stop_signal()
    await app.start()
    keep_what_started()
    beside = [asyncio.create_task(_drain_on_stop(app, stop))]
    if sockets.metrics is not None:
        beside.append(asyncio.create_task(serve_metrics(app.metrics, sockets.metrics, stop)))
    try:
        await serve(app.asgi, _hypercorn(sockets.site, LARGEST_FRAME), shutdown_trigger=stop.wait)
    finally:
        for task in beside:
            task.cancel()
        await app.stop()


async def _drain_on_stop(app: WebApp, stop: asyncio.Event) -> None:
    await stop.wait()
    await asyncio.sleep(DRAIN_DELAY_S)
    await app.drain()


async def _serve_many(settings: Settings, sockets: Sockets, places: Sequence[Place]) -> None:
    # Any child may answer: this shows that requests are served, not which child is ready.
    ready = answers_ok(reachable(settings.host), settings.port, "/healthz")
    children = [_child_process(sockets, place, ready) for place in places]
    async with Supervisor() as supervisor:
        await supervisor.start(*children)
        await supervisor.until_stopped()


def _child_process(sockets: Sockets, place: Place, ready: Check) -> Child:
    command: tuple[str, ...] = (sys.executable, "-m", "onehour.web")
    command += ("--listening", str(sockets.site))
    command += ("--number", str(place.number), "--shares", str(place.shares))
    passed: tuple[int, ...] = (sockets.site, place.shares)
    if sockets.metrics is not None:
        command += ("--metrics", str(sockets.metrics), "--shared", str(place.metrics))
        passed += (sockets.metrics,)
    return Child(name=place.name, command=command, ready=ready, pass_fds=passed)


def _hypercorn(listening: int, largest_message: int) -> Config:
    """`largest_message` is the limit of a message of a websocket, in characters."""
    config = Config()
    config.bind = [f"fd://{os.dup(listening)}"]  # Hypercorn closes the descriptor it gets
    config.graceful_timeout = GRACEFUL_TIMEOUT_S
    config.websocket_max_message_size = largest_message
    config.include_server_header = False
    config.errorlog = logging.getLogger("hypercorn")  # our log handler instead of its own
    return config


def _stop_signal() -> asyncio.Event:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def _run(serving: Coroutine[Any, Any, None]) -> None:
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(serving)


def _child() -> None:
    """One of several processes: `python -m onehour.web --listening FD`. See `_serve_many`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listening", type=int, required=True)
    parser.add_argument("--number", type=int, required=True)
    parser.add_argument("--shares", type=int, required=True)
    parser.add_argument("--metrics", type=int)
    parser.add_argument("--shared", type=Path)
    given = parser.parse_args()
    start_quickly()
    place = Place(given.number, given.shares, given.shared)
    settings = Settings.load(os.environ, Path(".env"))
    log_to_stderr(settings.log_level, settings.log_format or "text", process=place.name)
    sockets = Sockets(given.listening, given.metrics)
    import_libraries()
    try:
        _run(_serve_one(settings, sockets, place))
    except OneHourError as error:
        sys.exit(error.message)


if __name__ == "__main__":
    _child()
