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
from typing import get_args

from core.errors import Invalid, OneHourError, Unavailable
from onehour.imports import import_libraries
from onehour.logs import log_to_stderr
from onehour.settings import Settings, WrongSetting
from onehour.started import start_quickly
from ports.adapters import PortName

WRONG_USE = 2
FAILED = 1
TRY_AGAIN = 75
"""EX_TEMPFAIL: a mail server that passes on a mail keeps it and tries again."""
OF_AUTHORS = frozenset({"plugins", "adapters", "push-key"})
"""Commands that start nothing, and need no data folder: they run in any folder."""
ALONE = OF_AUTHORS | {"simulator"}
"""Commands that do not use the application."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns the exit status: 0, 1 for a failure (75 of `bounces`), 2 for a
    wrong setting.

    A failure is one sentence on stderr, or one for each wrong value.
    """
    start_quickly()
    given = parser().parse_args(arguments)
    failed = TRY_AGAIN if given.command == "bounces" else FAILED
    try:
        settings = Settings.load(os.environ, Path(".env"), keeps=given.command not in OF_AUTHORS)
        log_to_stderr(settings.log_level, settings.log_format or "text", process=given.command)
        with suppress(asyncio.CancelledError, KeyboardInterrupt):  # a stop was requested
            _call(given, settings)
    except WrongSetting as error:
        return _fail(error, WRONG_USE)
    except Unavailable as error:
        if error.message == Unavailable().message:  # for visitors, who are not told which
            print(f"Not available: {error.service}.", file=sys.stderr)
        return _fail(error, failed)
    except OneHourError as error:
        return _fail(error, failed)
    return 0


def parser() -> argparse.ArgumentParser:
    """All commands and options."""
    whole = argparse.ArgumentParser(
        prog="onehour",
        description="A marketplace where clients book software developers by the hour.",
        epilog="Settings are read from the environment and from the file .env.",
    )
    whole.add_argument("--version", action="version", version=f"onehour {version('onehour')}")
    commands = whole.add_subparsers(dest="command", required=True, metavar="command")
    commands.add_parser("run", help="start everything on this machine, for development")
    web = commands.add_parser("web", help="start the web server")
    web.add_argument(
        "--processes", type=_processes, default=1, metavar="N", help="1 to 64; the default is 1"
    )
    commands.add_parser("worker", help="start a worker: e-mails, deadlines, payment updates")
    commands.add_parser("prepare", help="create collections and indexes; can be repeated")
    seed = commands.add_parser("seed", help="create demo data or many test developers")
    seed.add_argument("--demo", action="store_true", help="demo accounts and bookings")
    seed.add_argument(
        "--developers", type=int, metavar="N", help="this many generated developers, for load tests"
    )
    admin = commands.add_parser("admin", help="create an administrator")
    admin.add_argument(
        "action", choices=["create"], help="asks for the password, or reads it from standard input"
    )
    admin.add_argument("--email", required=True, metavar="ADDRESS", help="address to log in with")
    admin.add_argument("--name", default="Administrator", metavar="NAME", help="name to show")
    admin.add_argument(
        "--timezone", default="Asia/Kolkata", metavar="ZONE", help="the default is Asia/Kolkata"
    )
    audit = commands.add_parser("audit", help="verify the audit trail")
    audit.add_argument("action", choices=["verify"], help="check that no entry was changed")
    disputes = commands.add_parser("disputes", help="verify the bundle of a case")
    disputes.add_argument("action", choices=["verify"], help="check that nothing was changed")
    disputes.add_argument("file", type=Path, metavar="FILE", help="the ZIP of the case")
    disputes.add_argument("--seal", action="store_true", help="also that this site has made it")
    commands.add_parser("bounces", help="take a mail that came back, from standard input")
    commands.add_parser("periodic", help="list periodic jobs: next run, last run, last error")
    commands.add_parser(
        "reconcile", help="compare records, providers and balances now; 1 if something is open"
    )
    plugins = commands.add_parser("plugins", help="list, check or begin plugins")
    plugins.add_argument("action", choices=["list", "check", "new"], help="what to do")
    plugins.add_argument("name", nargs="?", metavar="NAME", help="the plugin to check or to begin")
    plugins.add_argument(
        "--folder",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="of its project, or where to write it; the default is this folder",
    )
    adapters = commands.add_parser("adapters", help="begin an adapter")
    adapters.add_argument("action", choices=["new"], help="write the files of a plugin with it")
    adapters.add_argument("port", choices=get_args(PortName), help="what it is for")
    adapters.add_argument("name", metavar="NAME", help="how settings choose it")
    adapters.add_argument(
        "--folder",
        type=Path,
        default=Path(),
        metavar="FOLDER",
        help="where to write it; the default is this folder",
    )
    commands.add_parser("push-key", help="print a new key for messages to browsers")
    simulator = commands.add_parser("simulator", help="start only the Cashfree simulator")
    simulator.add_argument("--port", type=int, metavar="PORT", help="the default is 8010")
    return whole


def _call(given: argparse.Namespace, settings: Settings) -> None:
    """Imports only the module of the command that is called, which keeps the start short."""
    if given.command not in ALONE and getattr(given, "processes", 1) == 1:
        import_libraries()
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
        case "reconcile":
            from onehour import reconcile

            reconcile.main(settings)
        case "audit":
            from onehour import audit

            audit.main(settings)
        case "disputes":
            from onehour import disputes

            disputes.main(settings, given.file, seal=given.seal)
        case "bounces":
            from onehour import bounces

            bounces.main(settings)
        case "periodic":
            from onehour import periodic

            periodic.main(settings)
        case "plugins":
            from onehour import plugin_commands

            plugin_commands.main(settings, given.action, given.name, given.folder)
        case "adapters":
            from onehour import adapter_templates

            written = adapter_templates.write_adapter(given.port, given.name, given.folder)
            print(f"{written} is a plugin: see its README.md.")
        case "push-key":
            from onehour import push_key

            push_key.main()
        case "simulator":
            from onehour import simulator

            simulator.main(settings, given.port)


def _processes(text: str) -> int:
    if not 1 <= int(text) <= 64:
        raise ValueError(text)
    return int(text)


def _fail(error: OneHourError, status: int) -> int:
    several = error.fields.values() if isinstance(error, Invalid) else ()
    print(*(several or (error.message,)), sep="\n", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
