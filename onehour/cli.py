"""The `onehour` command."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path

from core.errors import OneHourError
from onehour.logs import log_to_stderr
from onehour.settings import Settings, WrongSetting

WRONG_USE = 2
FAILED = 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; a failure is one sentence on stderr and a status above 0."""
    given = parser().parse_args(arguments)
    try:
        settings = Settings.load(os.environ, Path(".env"))
        log_to_stderr(settings.log_level)
        with suppress(asyncio.CancelledError, KeyboardInterrupt):  # asked to stop
            _call(given, settings)
    except WrongSetting as error:
        return _fail(error, WRONG_USE)
    except OneHourError as error:
        return _fail(error, FAILED)
    return 0


def parser() -> argparse.ArgumentParser:
    whole = argparse.ArgumentParser(
        prog="onehour", description="A marketplace for hours of software developers."
    )
    whole.add_argument("--version", action="version", version=f"onehour {version('onehour')}")
    commands = whole.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser("run", help="the whole house on this machine, for trying out")
    web = commands.add_parser("web", help="the web server")
    web.add_argument("--processes", type=_processes, default=1, metavar="N")
    commands.add_parser("worker", help="the worker: mails, deadlines, payments to follow up")
    commands.add_parser("prepare", help="creates collections and indexes; harmless to repeat")
    seed = commands.add_parser("seed", help="fills an empty database")
    seed.add_argument("--demo", action="store_true", help="with a living demo")
    seed.add_argument("--developers", type=int, metavar="N", help="with this many developers")
    admin = commands.add_parser("admin", help="administrators")
    admin.add_argument("action", choices=["create"], help="asks for the password, or reads it")
    admin.add_argument("--email", required=True, metavar="ADDRESS")
    admin.add_argument("--name", default="Administrator", metavar="NAME")
    admin.add_argument("--timezone", default="Asia/Kolkata", metavar="ZONE")
    audit = commands.add_parser("audit", help="the audit trail")
    audit.add_argument("action", choices=["verify"], help="whether it is as it was recorded")
    commands.add_parser("periodic", help="lists the periodic jobs: when they run, what failed")
    simulator = commands.add_parser("simulator", help="the Cashfree simulator on its own")
    simulator.add_argument("--port", type=int, metavar="PORT")
    return whole


def _call(given: argparse.Namespace, settings: Settings) -> None:
    """Each command is imported when it is called, so that the others start fast."""
    match given.command:
        case "run":
            from onehour import run

            run.main(settings)
        case "web":
            from onehour import web

            web.main(settings, processes=given.processes)
        case "worker":
            from onehour import worker

            worker.main(settings)
        case "admin":
            from onehour import admin

            admin.main(settings, email=given.email, name=given.name, timezone=given.timezone)
        case "prepare":
            from onehour import prepare

            prepare.main(settings)
        case "seed":
            from onehour import seed

            seed.main(settings, demo=given.demo, developers=given.developers)
        case "audit":
            from onehour import audit

            audit.main(settings)
        case "periodic":
            from onehour import periodic

            periodic.main(settings)
        case "simulator":
            from onehour import simulator

            simulator.main(settings, given.port)


def _processes(text: str) -> int:
    if not 1 <= int(text) <= 64:
        raise ValueError(text)
    return int(text)


def _fail(error: OneHourError, status: int) -> int:
    print(error.message, file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
