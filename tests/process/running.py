"""The whole application in real processes, which tests can kill and whose data they audit."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
from motor.motor_asyncio import AsyncIOMotorClient, AsyncIOMotorDatabase

from onehour.local.mongo import mongo_url
from tests.api_client import PASSWORD, ApiClient, until
from tests.patience import PATIENCE_S
from tests.servers import free_port, free_ports

Document = dict[str, Any]

START_S = 5 * PATIENCE_S
"""Servers, the preparation of the database and the application start one after the other."""
ANSWER_S = 60.0
"""Ends a single request that hangs; whoever waits for something then asks again."""
FAST = {
    "ONEHOUR_BCRYPT_ROUNDS": "4",
    "ONEHOUR_SEED_DEMO": "0",
    "ONEHOUR_SIMULATOR_TIME_SCALE": "0.01",
}
STARTED = "OneHour is running at "
COMMAND_LINES = {
    "web": "onehour.cli web",
    "worker": "onehour.cli worker",
    "redis": "valkey-server",
    "mongo": "secantusd-py",
    "mail": "onehour.local.mailcatcher",
}
"""A part of the command line by which each child of `onehour run` is recognised."""


class RunningApp:
    """`onehour run` with its own port and data directory, and further settings, in which `{port}`
    stands for the port. `__aexit__` asserts a clean stop."""

    command: tuple[str, ...] = (sys.executable, "-m", "onehour.cli")
    """The `onehour` command; by default that of the checkout."""
    provider = "cashfree"
    """The payment provider."""

    def __init__(self, folder: Path, **environ: str) -> None:
        self.folder, self.data = folder, folder / "data"
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        own = {name: value.replace("{port}", str(self.port)) for name, value in environ.items()}
        self._environ = {
            "ONEHOUR_PORT": str(self.port), "ONEHOUR_DATA_DIR": str(self.data), **FAST, **own,
        }  # fmt: skip
        self.started_in_s = 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._api_clients: list[ApiClient] = []
        self._numbers = count(1)

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            self.clear()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        for api_client in self._api_clients:
            await api_client.http.aclose()
        try:
            if self._process:
                await self.stop()
        finally:
            self.clear()

    async def start(self) -> float:
        """Start, and wait until it is ready; returns the seconds this took."""
        started_at, before = time.monotonic(), self._starts()
        self._process = self._spawn()

        async def has_started() -> bool:
            """Until then it gives up when a process that it starts is killed."""
            self._assert_running()
            return self._starts() > before

        await until(
            has_started, what="started", timeout_s=START_S, every_s=0.05, state=self.outputs
        )
        await self.is_ready()
        self.started_in_s = time.monotonic() - started_at
        return self.started_in_s

    def _spawn(self) -> subprocess.Popen[bytes]:
        self._choose_ports()
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("ONEHOUR_")}
        with (self.folder / "run.log").open("ab") as log:
            return subprocess.Popen(
                [*self.command, "run"],
                cwd=self.folder,  # no settings file there
                env={**inherited, **self._environ},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def _choose_ports(self) -> None:
        """Those of the local servers, as an earlier start would have stored them: any that are free
        now may be taken by another test before the servers listen, or while one is restarted."""
        stored = self.data / "ports.json"
        if not stored.exists():
            self.data.mkdir(parents=True, exist_ok=True)
            names = ("mongo", "redis", "mail")
            stored.write_text(json.dumps(dict(zip(names, free_ports(len(names)), strict=True))))

    async def stop(self) -> None:
        """Send SIGTERM to the supervisor; it must end with status 0 and leave no process."""
        assert self._process is not None
        self._process.terminate()
        status = await asyncio.to_thread(self._process.wait, PATIENCE_S)
        self._process = None
        assert status == 0, self.output()
        await until(self._has_ended, what="the end of all processes", every_s=0.05)

    async def _has_ended(self) -> bool:
        """Also those that were killed, which takes a moment."""
        return self.processes() == []

    async def restart(self) -> float:
        """Stop and start again; returns the seconds the start took."""
        await self.stop()
        return await self.start()

    @property
    def supervisor(self) -> psutil.Process:
        assert self._process is not None
        return psutil.Process(self._process.pid)

    def kill(self, name: str) -> int:
        """Send SIGKILL to a child or to the `supervisor`; returns the id of that process."""
        if name == "supervisor":
            assert self._process is not None
            pid, process, self._process = self._process.pid, self._process, None
            process.kill()
            process.wait()
            return pid
        child = self.child(name)
        assert child is not None, f"{name} is not running"
        with suppress(psutil.NoSuchProcess):
            child.kill()
        return child.pid

    def clear(self) -> None:
        """Kill the processes that a failed test has left."""
        for process in self.processes():
            with suppress(psutil.NoSuchProcess):
                process.kill()
        if self._process:
            self._process.wait()
            self._process = None

    def processes(self) -> list[psutil.Process]:
        """Every process of this application, found by its working directory."""
        return [process for process in psutil.process_iter() if self._is_mine(process)]

    def child(self, name: str) -> psutil.Process | None:
        for process in self.processes():
            with suppress(psutil.Error):
                if COMMAND_LINES[name] in " ".join(process.cmdline()):
                    return process
        return None

    async def is_ready(self, *, timeout_s: float = PATIENCE_S, lag_s: float | None = None) -> None:
        """Web and database answer; with `lag_s` also Redis, and no due message is that late."""

        async def look() -> bool:
            self._assert_running()
            response = await http.get(f"{self.base_url}/readyz")
            if response.status_code != 200:
                return False
            state = response.json()
            return lag_s is None or (state["redis"] == "ok" and state["relay_lag_s"] < lag_s)

        async with httpx.AsyncClient(timeout=ANSWER_S) as http:
            await until(look, what="ready", timeout_s=timeout_s, every_s=0.05, state=self.outputs)

    async def has_successor(self, name: str, pid: int) -> None:
        """Wait until another process does the work of the killed one."""

        async def look() -> bool:
            child = self.child(name)
            return child is not None and child.pid != pid

        await until(look, what=f"a new {name}", every_s=0.05)

    async def recovers(self, *killed: tuple[str, int]) -> None:
        """Wait until each killed process has a successor and all work is done in time again."""
        for name, pid in killed:
            await self.has_successor(name, pid)
        await self.is_ready(lag_s=3)

    def _assert_running(self) -> None:
        running = self._process is None or self._process.poll() is None
        assert running, f"`onehour run` ended: {self.output()}"

    def _starts(self) -> int:
        """How often everything has been started, by the supervisor's output."""
        log = self.folder / "run.log"
        return log.read_text(errors="replace").count(STARTED) if log.exists() else 0

    def output(self) -> str:
        """The end of the supervisor's output."""
        log = self.folder / "run.log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else ""

    def outputs(self) -> str:
        """The end of the supervisor's output and of each log."""
        logs = sorted((self.data / "logs").glob("*.log"))
        ends = (f"{log.name}:\n{log.read_text(errors='replace')[-2000:]}" for log in logs)
        return "\n".join([self.output(), *ends])

    def log(self, name: str) -> str:
        return (self.data / "logs" / f"{name}.log").read_text(errors="replace")

    @property
    def ports(self) -> dict[str, int]:
        found: dict[str, int] = json.loads((self.data / "ports.json").read_text())
        return found

    def api_client(self, kind: type[ApiClient] = ApiClient) -> ApiClient:
        api_client = kind(self.base_url)
        self._api_clients.append(api_client)
        return api_client

    async def client(self, kind: type[ApiClient] = ApiClient) -> ApiClient:
        api_client, number = self.api_client(kind), next(self._numbers)
        await api_client.register("client", f"Client {number}", f"client{number}@example.com")
        return api_client

    async def developer(self, kind: type[ApiClient] = ApiClient) -> tuple[ApiClient, str]:
        """A developer who is available at all times, and the id of the profile."""
        api_client, number = self.api_client(kind), next(self._numbers)
        await api_client.register("developer", f"Dev {number}", f"dev{number}@example.com")
        return api_client, (await api_client.offer_hours())["id"]

    async def admin(self, kind: type[ApiClient] = ApiClient) -> ApiClient:
        """An administrator, made by the command and logged in with a code just now."""
        api_client, number = self.api_client(kind), next(self._numbers)
        email = f"admin{number}@example.com"
        made = await asyncio.to_thread(
            subprocess.run,
            [*self.command, "admin", "create", "--email", email, "--name", f"Admin {number}"],
            cwd=self.folder,
            env={**os.environ, **self._environ, **self._servers()},
            input=f"{PASSWORD}\n",
            text=True,
            capture_output=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
        await api_client.log_in(email)
        return api_client

    def _servers(self) -> dict[str, str]:
        """The settings that lead a command to the database; the others are not used by it."""
        return {
            "ONEHOUR_MONGO_URL": mongo_url(self.ports["mongo"]),
            "ONEHOUR_REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
            "ONEHOUR_SMTP_URL": f"smtp://127.0.0.1:{free_port()}",
        }

    @asynccontextmanager
    async def database(self) -> AsyncIterator[AsyncIOMotorDatabase[Document]]:
        """The stored documents, read without the application's code."""
        client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
            mongo_url(self.ports["mongo"]), tz_aware=True, serverSelectionTimeoutMS=60_000
        )
        try:
            yield client["onehour"]
        finally:
            client.close()

    async def rows(self, collection: str, wanted: Document | None = None) -> list[Document]:
        async with self.database() as database:
            return await database[collection].find(wanted or {}).to_list(None)

    async def balance_at_the_provider(self) -> int:
        async with httpx.AsyncClient(timeout=ANSWER_S) as http:
            answer = await http.get(f"{self.base_url}/simulator/cashfree/control/books")
        return int(answer.json()["balance"])

    async def balance_in_the_ledger(self) -> int:
        lines = [line for row in await self.rows("transactions") for line in row["lines"]]
        ours = [line for line in lines if line["account"] == f"gateway:{self.provider}"]
        return sum(int(line["amount"]["amount"]) for line in ours)

    async def balances_are_equal(self) -> None:
        """Wait until the ledger's gateway account equals the balance at the gateway."""
        seen = (0, 0)

        async def look() -> bool:
            nonlocal seen
            seen = (await self.balance_in_the_ledger(), await self.balance_at_the_provider())
            return sum(seen) == 0

        try:
            await until(look, what="equal balances", every_s=0.3)
        except AssertionError as error:
            raise AssertionError(f"ledger: {seen[0]}, provider: {seen[1]}") from error

    async def audit(self) -> None:
        """Assert that nothing is lost, nothing is done twice and no message is dead."""
        await self.balances_are_equal()
        for row in await self.rows("transactions"):
            assert sum(int(line["amount"]["amount"]) for line in row["lines"]) == 0, row
        assert await self.rows("effects", {"state": "dead"}) == []
        await self._each_paid_booking_has_one_job()
        await self._no_hour_is_sold_twice()
        await self._no_timeline_entry_twice()

    async def _each_paid_booking_has_one_job(self) -> None:
        jobs, payments, bookings = await self._rows_of_one_moment("jobs", "payments", "bookings")
        paid = {row["_id"] for row in bookings if row["paid_at"]}
        assert Counter(job["booking_id"] for job in jobs) == Counter(paid)
        for payment in payments:
            if payment["status"] in ("paid", "received"):
                assert payment["booking_id"] in paid, payment

    async def _rows_of_one_moment(self, *collections: str) -> list[list[Document]]:
        """Read again while work that earlier tests have left still changes them."""
        before: list[list[Document]] = []
        while True:
            found = [await self.rows(each) for each in collections]
            if found == before:
                return found
            before = found

    async def _no_hour_is_sold_twice(self) -> None:
        cells = Counter(
            (row["developer"]["id"], cell)
            for row in await self.rows("bookings", {"holds": True})
            for cell in row["cells"]
        )
        assert [cell for cell, owners in cells.items() if owners > 1] == []

    async def _no_timeline_entry_twice(self) -> None:
        once = ("held", "paid", "accepted", "auto_cancelled", "refunded")
        entries = Counter(
            (row["booking_id"], row["what"])
            for row in await self.rows("timeline", {"what": {"$in": list(once)}})
        )
        assert [line for line, times in entries.items() if times > 1] == []

    def _is_mine(self, process: psutil.Process) -> bool:
        try:
            if process.status() == psutil.STATUS_ZOMBIE or process.pid == os.getpid():
                return False
            return Path(process.cwd()).is_relative_to(self.folder)
        except psutil.Error:
            return False
