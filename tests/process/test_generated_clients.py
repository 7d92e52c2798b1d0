"""Clients that programs of others generate from the OpenAPI document: typed, and they work."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.api_client import API, PASSWORD, until
from tests.node import node_tool
from tests.process.running import RunningApp

pytestmark = pytest.mark.process

PACKAGE = "onehour_client"


@pytest.fixture(scope="module")
async def document(running: RunningApp, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The document as the running application serves it, in a file."""
    answer = await running.api_client().http.get(f"{API}/openapi.json")
    file = tmp_path_factory.mktemp("openapi") / "openapi.json"
    file.write_bytes(answer.content)
    return file


@pytest.fixture(scope="module")
def client(document: Path) -> Any:
    """The package that openapi-python-client makes. Its warnings are failures. It takes a ZIP for
    bytes only if that is said to it."""
    folder = document.parent / PACKAGE
    program = Path(sys.executable).with_name("openapi-python-client")
    config = document.parent / "config.yaml"
    config.write_text("content_type_overrides: {application/zip: application/octet-stream}\n")
    done = subprocess.run(
        [program, "generate", "--path", document, "--output-path", folder, "--meta", "none",
         "--config", config, "--fail-on-warning"],
        env={**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    sys.path.insert(0, str(document.parent))
    yield importlib.import_module(PACKAGE)
    sys.path.remove(str(document.parent))


class Program:
    """A program with an access token and no cookies, which calls functions of the package."""

    def __init__(self, running: RunningApp, package: Any) -> None:
        self.mails = running.api_client()
        self.url = str(self.mails.http.base_url)
        self.anonymous = package.Client(base_url=self.url)
        self.signed_in: Any = None

    async def call(self, operation: str, *path: str, body: dict[str, Any] | None = None) -> Any:
        """The parsed answer of an operation, which must succeed."""
        answer = await self.answer(operation, *path, body=body)
        assert answer.status_code < 300, (operation, answer.status_code, answer.content)
        return answer.parsed

    async def answer(self, operation: str, *path: str, body: dict[str, Any] | None = None) -> Any:
        """The answer of an operation, such as `bookings_hold`, with status and parsed body."""
        module = operation_module(operation)
        arguments: dict[str, Any] = {"client": self.signed_in or self.anonymous}
        if body is not None:
            model = module._get_kwargs.__annotations__["body"]
            arguments["body"] = model.from_dict(body)
        return await module.asyncio_detailed(*path, **arguments)

    async def join(self, role: str, email: str) -> None:
        """Registers, confirms the address and signs in, all without a cookie."""
        person = {"name": "Programmed Person", "email": email, "password": PASSWORD}
        await self.call(
            "accounts_register", body={"role": role, "timezone": "Asia/Kolkata", **person}
        )
        code = await self.mails.mailed_code(email)
        await self.call("accounts_verify_email", body={"email": email, "code": code})
        seen = await self.mails.mailed_codes(email)
        credentials = {"email": email, "password": PASSWORD}
        asked = await self.answer("tokens_issue", body=credentials)
        if asked.status_code == 401:  # developers have a second factor from the start
            otp = await self.mails.mailed_code(email, after=seen)
            credentials["otp"] = otp
        tokens = await self.call("tokens_issue", body=credentials)
        package = sys.modules[PACKAGE]
        self.signed_in = package.AuthenticatedClient(base_url=self.url, token=tokens.access_token)


def operation_module(name: str) -> Any:
    """The module of an operation; the package has a folder for each tag."""
    (file,) = Path(sys.modules[PACKAGE].__path__[0]).glob(f"api/*/{name}.py")
    return importlib.import_module(f"{PACKAGE}.api.{file.parent.name}.{name}")


async def test_the_main_job_is_driven_by_a_generated_python_client(
    running: RunningApp, client: Any
) -> None:
    buyer, seller = Program(running, client), Program(running, client)
    await buyer.join("client", "buyer@programs.example")
    await seller.join("developer", "seller@programs.example")
    week = [{"day": day, "start": "00:00", "end": "24:00"} for day in range(7)]
    await seller.call("availability_change", body={"timezone": "Asia/Kolkata", "weekly": week})
    profile = await seller.call(
        "developers_change",
        body={"headline": "Finds slow queries", "skills": ["SQL"],
              "rate": {"amount": 240_000, "currency": "INR"}},
    )  # fmt: skip

    slots = await buyer.call("developers_slots", profile.id)
    booking = await buyer.call(
        "bookings_hold",
        body={"developer_id": profile.id, "start": slots.items[0].start.isoformat(), "hours": 1,
              "brief": "It is slow."},
    )  # fmt: skip
    await buyer.mails.pay(booking.checkout.order_id)

    async def paid() -> Any:
        found = await seller.call("bookings_show", booking.id)
        return found if found.status == "requested" else None

    requested = await until(paid, what="the booking is requested")
    await seller.call("bookings_accept", booking.id)
    await seller.call("jobs_deliver", requested.job_id, body={"note": "An index was missing."})
    approved = await buyer.call("jobs_approve", requested.job_id)

    assert (approved.status, approved.payment_status) == ("approved", "received")
    ledger = await seller.call("payments_transactions")
    assert {entry.kind.value for entry in ledger.items} >= {"pay", "release"}


@pytest.mark.long
async def test_a_generated_typescript_client_is_accepted_by_the_compiler(document: Path) -> None:
    await node_tool("openapi-typescript", document, "-o", document.with_name("api.ts"))
    shutil.copy(Path(__file__).with_name("main_job.ts"), document.parent)

    await node_tool(
        "tsc", "--strict", "--noEmit", "--target", "es2022", "--moduleResolution", "node",
        document.with_name("main_job.ts"),
    )  # fmt: skip


async def test_redocly_and_spectral_find_no_error(document: Path) -> None:
    rules = document.with_name("rules.json")
    rules.write_text(json.dumps({"extends": ["spectral:oas"]}))

    await asyncio.gather(
        node_tool("redocly", "lint", document),
        node_tool("spectral", "lint", "--fail-severity", "error", "-r", rules, document),
    )
