"""`onehour run`: the whole house on this machine, stand-ins for what is not configured."""

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
from onehour.local import mailcatcher, mongo, redis
from onehour.local.children import Child, start_process, stop_process
from onehour.local.data_lock import data_directory_lock
from onehour.local.ports import choose_ports, listening_socket, reachable
from onehour.local.readiness import Check, answers_ok
from onehour.local.supervisor import NotStarted, RecordPids, Supervisor, log_tail, rotate_log
from onehour.local_servers import needed
from onehour.plugins import all_offers, load_plugins
from onehour.settings import Settings, WrongSetting


@dataclass(slots=True)
class LocalServers:
    """The servers that are not configured, and how the others find them."""

    children: list[Child] = field(default_factory=list)
    environ: dict[str, str] = field(default_factory=dict)
    replaced: list[tuple[str, str]] = field(default_factory=list)
    """What stands in for what, and the setting that replaces it."""


def main(settings: Settings) -> None:
    """Runs until SIGINT or SIGTERM. Raises `AlreadyRunning`, `NotStarted`, `WrongSetting`."""
    if settings.in_production:
        raise WrongSetting(
            "ONEHOUR_ENV is production: start `onehour web` and `onehour worker`;"
            " `onehour run` is for trying out."
        )
    with data_directory_lock(settings.data_dir) as record_pids:
        # Now, not later: whoever has the port would answer in our place when we ask for ourselves.
        listening_socket(settings.host, settings.port).close()
        print("Opening the house …", flush=True)
        asyncio.run(_run(settings, record_pids))


async def _run(settings: Settings, record_pids: RecordPids) -> None:
    local_servers = choose_local_servers(settings)
    logs = settings.data_dir / "logs"
    async with Supervisor(logs=logs, record_pids=record_pids) as supervisor:
        await supervisor.start(*local_servers.children)
        await _run_command(logs, "prepare", "prepare", environ=local_servers.environ)
        if settings.seed_demo:
            await _run_command(logs, "seed", "seed", "--demo", environ=local_servers.environ)
        await supervisor.start(
            _application_process("worker", local_servers.environ),
            _application_process(
                "web",
                local_servers.environ,
                ready=answers_ok(reachable(settings.host), settings.port, "/readyz"),
            ),
        )
        print(start_message(settings, local_servers.replaced), flush=True)
        await supervisor.until_stopped()


def choose_local_servers(settings: Settings) -> LocalServers:
    """The servers to begin: MongoDB, Redis and mail, each unless it has a URL."""
    folder, chosen = settings.data_dir, LocalServers()
    chosen.environ["ONEHOUR_DATA_DIR"] = str(folder)
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
    offers = all_offers(load_plugins(settings))
    chosen.replaced += [
        (offer.port, local.replaced_by) for offer, local in needed(settings, offers)
    ]
    return chosen


def start_message(settings: Settings, replaced: list[tuple[str, str]]) -> str:
    """The few lines that say where the house is and how to walk in."""
    lines = [f"1HourDeveloper is open: {settings.base_url}", ""]
    if settings.seed_demo:
        lines += [
            f"  Log in as a client     {demo.CLIENT.email}",
            f"  Log in as a developer  {demo.DEVELOPER.email}",
            f"  Password of all        {demo.PASSWORD}",
            f"  Log in as an admin     {demo.ADMIN.email}, with the code from the mails",
        ]
    if any(setting == "ONEHOUR_SMTP_URL" for _, setting in replaced):
        lines.append(f"  Mails it sends         {settings.base_url}/dev/mail")
    lines.append(f"  Data and logs          {settings.data_dir}")
    if replaced:
        lines += ["", "For trying out only; the setting beside each brings the real one:"]
        lines += [f"  {part:<21}  {setting}" for part, setting in replaced]
    return "\n".join(["", *lines, "", "Ctrl-C stops everything."])


def _application_process(
    command: str, environ: Mapping[str, str], ready: Check | None = None
) -> Child:
    return Child(name=command, command=_cli(command), ready=ready, environ=environ)


async def _run_command(logs: Path, name: str, *arguments: str, environ: Mapping[str, str]) -> None:
    """Runs a command of the house to its end. Raises `NotStarted` when it fails."""
    log = rotate_log(logs, name)
    child = Child(name=name, command=_cli(*arguments), environ=environ)
    process = await start_process(child, log)
    try:
        status = await process.wait()
    finally:  # also when we are asked to stop meanwhile
        await stop_process(process)
    if status != 0:
        raise NotStarted(f"{name} ended with status {status}.\n{log_tail(log)}")


def _cli(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "onehour.cli", *arguments)
