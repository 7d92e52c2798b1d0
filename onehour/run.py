"""`onehour run`: starts the whole application on this machine, with local servers for everything
that is not configured."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from adapters.celery.settings import RedisOptions
from adapters.mongo.settings import MongoOptions
from adapters.smtp.settings import SmtpOptions
from onehour import demo
from onehour.installed import check_files
from onehour.local import mailcatcher, mongo, redis
from onehour.local.children import Child, start_process, stop_process
from onehour.local.data_lock import data_directory_lock
from onehour.local.ports import choose_ports, listening_socket, reachable
from onehour.local.readiness import ANSWER_TIMEOUT_S, Check, answers_ok
from onehour.local.supervisor import NotStarted, RecordPids, Supervisor, log_tail, rotate_log
from onehour.local_servers import needed
from onehour.plugins import all_offers, load_plugins
from onehour.settings import Settings, WrongSetting, check_chosen
from onehour.site_pages import site_pages


@dataclass(slots=True)
class LocalServers:
    """The servers to start locally, and the settings with which the application finds them."""

    children: list[Child] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)
    replaced: list[tuple[str, str]] = field(default_factory=list)
    """Each part that has a local server, and the setting that configures a real one instead."""


def main(settings: Settings) -> None:
    """Runs until SIGINT or SIGTERM, then stops all child processes.

    Raises `AlreadyRunning` if the data directory is in use, `NotStarted` if a child process does
    not start, `Incomplete` if files of the application are missing, and `WrongSetting` in
    production, if the port cannot be used, or if the operator's pages cannot be read.
    """
    if settings.in_production:
        raise WrongSetting(
            "`onehour run` is for development and ONEHOUR_ENV is production;"
            " start `onehour web` and `onehour worker` instead."
        )
    check_files()  # before anything is started
    site_pages(settings)
    with data_directory_lock(settings.data_dir) as record_pids:
        # Checked before the start: another server on this port would answer our readiness check.
        listening_socket(settings.host, settings.port).close()
        print("Starting OneHour …", flush=True)
        asyncio.run(_run(settings, record_pids))


async def _run(settings: Settings, record_pids: RecordPids) -> None:
    local_servers = choose_local_servers(settings)
    address = reachable(settings.host)
    logs = settings.data_dir / "logs"
    async with Supervisor(logs=logs, record_pids=record_pids) as supervisor:
        await supervisor.start(*local_servers.children)
        if settings.seed_demo:  # which also prepares the database
            await _run_command(logs, "seed", "seed", "--demo", environ=local_servers.environ)
        else:
            await _run_command(logs, "prepare", "prepare", environ=local_servers.environ)
        await supervisor.start(
            _application_process("worker", local_servers.environ),
            _application_process(
                "web",
                local_servers.environ,
                ready=answers_ok(address, settings.port, "/readyz"),
                works=answers_ok(address, settings.port, "/healthz", timeout_s=ANSWER_TIMEOUT_S),
            ),
        )
        print(start_message(settings, local_servers.replaced), flush=True)
        try:
            await supervisor.until_stopped()
        finally:
            print("Stopping OneHour …", flush=True)


def choose_local_servers(settings: Settings) -> LocalServers:
    """MongoDB, Redis and the mail server, each unless its URL is set. Ports are kept in the data
    directory, so that they are the same at each start. Raises `WrongSetting`, also for an adapter
    that neither the application nor a plugin offers, and `WrongPlugin`."""
    offers = all_offers(load_plugins(settings))
    check_chosen(settings, offers)
    folder, chosen = settings.data_dir, LocalServers()
    chosen.environ["ONEHOUR_DATA_DIR"] = str(folder)
    if settings.seed_demo and not settings.support_email:
        chosen.environ["ONEHOUR_SUPPORT_EMAIL"] = demo.SUPPORT
    ports = choose_ports(("mongo", "redis", "mail"), remembered=folder / "ports.json")
    if not settings.section(MongoOptions).url:
        chosen.children.append(mongo.mongo_child(folder, ports["mongo"]))
        chosen.environ["ONEHOUR_MONGO_URL"] = mongo.mongo_url(ports["mongo"])
        chosen.replaced.append(("database", "ONEHOUR_MONGO_URL"))
    if not settings.section(RedisOptions).url:
        chosen.children.append(redis.redis_child(folder, ports["redis"]))
        chosen.environ["ONEHOUR_REDIS_URL"] = redis.redis_url(ports["redis"])
        chosen.replaced.append(("Redis", "ONEHOUR_REDIS_URL"))
    if settings.mail == "smtp" and not settings.section(SmtpOptions).url:
        chosen.children.append(mailcatcher.mail_child(settings.caught_mail, ports["mail"]))
        chosen.environ["ONEHOUR_SMTP_URL"] = mailcatcher.smtp_url(ports["mail"])
        chosen.replaced.append(("mail", "ONEHOUR_SMTP_URL"))
    chosen.replaced += [
        (offer.port, local.replaced_by) for offer, local in needed(settings, offers)
    ]
    return chosen


def start_message(settings: Settings, replaced: list[tuple[str, str]]) -> str:
    """The address, the demo accounts, and which parts are local servers."""
    lines = [f"OneHour is running at {settings.base_url}", ""]
    if settings.seed_demo:
        lines += [
            f"  Demo client            {demo.CLIENT.email}",
            f"  Demo developer         {demo.DEVELOPER.email}",
            f"  Demo administrator     {demo.ADMIN.email} (needs a code from the e-mails)",
            f"  Password of all three  {demo.PASSWORD}",
        ]
    if any(setting == "ONEHOUR_SMTP_URL" for _, setting in replaced):
        lines.append(f"  Captured e-mails       {settings.base_url}/dev/mail")
    lines.append(f"  Data and logs          {settings.data_dir}")
    if replaced:
        lines += ["", "Local servers, for development only. To use a real one, set:"]
        lines += [f"  {part:<21}  {setting}" for part, setting in replaced]
    return "\n".join(["", *lines, "", "Press Ctrl-C to stop."])


def _application_process(
    command: str,
    environ: Mapping[str, str],
    ready: Check | None = None,
    works: Check | None = None,
) -> Child:
    return Child(name=command, command=_cli(command), ready=ready, works=works, environ=environ)


async def _run_command(logs: Path, name: str, *arguments: str, environ: Mapping[str, str]) -> None:
    """Runs a subcommand of `onehour` until it ends. Raises `NotStarted` when it fails."""
    log = rotate_log(logs, name)
    child = Child(name=name, command=_cli(*arguments), environ=environ)
    process = await start_process(child, log)
    try:
        status = await process.wait()
    finally:  # also when a stop is requested meanwhile
        await stop_process(process)
    if status != 0:
        raise NotStarted(f"`onehour {name}` failed with status {status}.\n{log_tail(log)}")


def _cli(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "onehour.cli", *arguments)
