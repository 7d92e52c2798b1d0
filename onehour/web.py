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
from collections.abc import Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol

from hypercorn.asyncio import serve
from hypercorn.config import Config

from core.errors import OneHourError
from onehour import connections
from onehour.local.children import Child
from onehour.local.ports import listening_socket, reachable
from onehour.local.readiness import answers_ok
from onehour.local.supervisor import Supervisor
from onehour.logs import log_to_stderr
from onehour.settings import Settings
from onehour.site_pages import site_pages

log = logging.getLogger(__name__)

GRACEFUL_TIMEOUT_S = 8.0
"""How long running requests may take after a stop: less than a supervisor waits before SIGKILL."""
DRAIN_DELAY_S = 0.05
"""Between the end of listening and the closing of open websockets."""


class WebApp(Protocol):
    """The application as this module serves it."""

    asgi: Any

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
    with listening_socket(settings.host, settings.port) as listener:
        if processes == 1:
            _run(_serve_one(settings, listener.fileno()))
        else:
            asyncio.run(_serve_many(settings, listener.fileno(), processes))


async def _serve_one(settings: Settings, listening: int) -> None:
    # Imported here: a parent of several processes does not need the application.
    from onehour.application import Application
    from onehour.installed import check_files
    from web.shared.socket_server import LARGEST_FRAME

    check_files()
    connections.install()
    app: WebApp = Application(settings)
    stop = _stop_signal()
    await app.start()
    draining = asyncio.create_task(_drain_on_stop(app, stop))
    try:
        await serve(app.asgi, _hypercorn(listening, LARGEST_FRAME), shutdown_trigger=stop.wait)
    finally:
        draining.cancel()
        await app.stop()


async def _drain_on_stop(app: WebApp, stop: asyncio.Event) -> None:
    await stop.wait()
    await asyncio.sleep(DRAIN_DELAY_S)
    await app.drain()


async def _serve_many(settings: Settings, listening: int, processes: int) -> None:
    command = (sys.executable, "-m", "onehour.web", "--listening", str(listening))
    children = [
        Child(
            name=f"web-{number}",
            command=(*command, "--name", f"web-{number}"),
            # Any child may answer: this shows that requests are served, not which child is ready.
            ready=answers_ok(reachable(settings.host), settings.port, "/healthz"),
            pass_fds=(listening,),
        )
        for number in range(1, processes + 1)
    ]
    async with Supervisor() as supervisor:
        await supervisor.start(*children)
        await supervisor.until_stopped()


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
    """Runs the coroutine, on uvloop where it is installed."""
    factory: Callable[[], asyncio.AbstractEventLoop] | None = None
    with suppress(ImportError):
        from uvloop import new_event_loop as factory
    with asyncio.Runner(loop_factory=factory) as runner:
        runner.run(serving)


def _child() -> None:
    """One of several processes: `python -m onehour.web --listening FD`. See `_serve_many`."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--listening", type=int, required=True)
    parser.add_argument("--name", required=True)
    given = parser.parse_args()
    settings = Settings.load(os.environ, Path(".env"))
    log_to_stderr(settings.log_level, settings.log_format or "text", process=given.name)
    try:
        _run(_serve_one(settings, given.listening))
    except OneHourError as error:
        sys.exit(error.message)


if __name__ == "__main__":
    _child()
