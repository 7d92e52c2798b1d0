"""The official SDKs of payment providers as processes: their libraries stay apart from ours.

Each reads one call per line, `{"call", "arguments", "url", "version"}` in JSON, and answers with
one line: `{"data"}`, or `{"error": {"status", "body"}}`.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.contracts.served_simulator import CLIENT_ID, CLIENT_SECRET
from tests.node import node_program
from tests.patience import PATIENCE_S

FOLDER = Path(__file__).parent
REQUIREMENTS = FOLDER / "requirements.txt"
INSTALLED = FOLDER / ".installed"
PIP = ("pip", "install", "--quiet", "--no-input", "--disable-pip-version-check")
EXACTLY = ("--require-hashes", "--no-deps", "--only-binary", ":all:")
KEYS = {"CASHFREE_CLIENT_ID": CLIENT_ID, "CASHFREE_CLIENT_SECRET": CLIENT_SECRET}


class SdkRefusal(Exception):
    """The SDK raised. `status` and `body` are those of the answer; without one, None and a text."""

    def __init__(self, status: int | None, body: Any) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


class Sdk:
    """One running SDK. `version` is the API version it sends; None is the SDK's own default."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    async def call(
        self, name: str, *arguments: object, url: str = "", version: str | None = None
    ) -> Any:
        """Call a method and return its data as JSON. Raises `SdkRefusal`."""
        message = {"call": name, "arguments": arguments, "url": url, "version": version}
        answer = await asyncio.to_thread(self._ask, json.dumps(message))
        if "error" in answer:
            raise SdkRefusal(answer["error"]["status"], answer["error"]["body"])
        return answer["data"]

    def stop(self) -> None:
        """End the process; it ends with its input."""
        self._process.communicate(timeout=PATIENCE_S)

    def _ask(self, line: str) -> Any:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


def python_sdk() -> Sdk:
    """The SDK of PyPI, in the versions of `requirements.txt`."""
    _install()
    environment = os.environ | KEYS | {"PYTHONPATH": str(INSTALLED)}
    return _start([sys.executable, FOLDER / "python_sdk.py"], environment)


def razorpay_sdk(key_id: str, key_secret: str) -> Sdk:
    """The SDK of PyPI for Razorpay, in the version of `requirements.txt`."""
    _install()
    keys = {"RAZORPAY_KEY_ID": key_id, "RAZORPAY_KEY_SECRET": key_secret}
    environment = os.environ | keys | {"PYTHONPATH": str(INSTALLED)}
    return _start([sys.executable, FOLDER / "razorpay_sdk.py"], environment)


def node_sdk() -> Sdk:
    """The SDK of npm, in the version of `tests/node`. Skips the test without Node."""
    return _start(node_program("cashfree_sdk.mjs"), os.environ | KEYS)


def _start(command: list[str | Path], environment: dict[str, str]) -> Sdk:
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, stdin=pipe, stdout=pipe, env=environment, text=True)
    return Sdk(process)


def _install() -> None:
    """Install the requirements once for each of their contents."""
    marker = INSTALLED / "requirements.txt"
    with REQUIREMENTS.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another worker of the same run waits
        wanted = lock.read()
        if not marker.exists() or marker.read_bytes() != wanted:
            shutil.rmtree(INSTALLED, ignore_errors=True)
            target = ("--target", INSTALLED, "--requirement", REQUIREMENTS)
            subprocess.run([sys.executable, "-m", *PIP, *EXACTLY, *target], check=True)
            marker.write_bytes(wanted)
