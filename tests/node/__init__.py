"""Programs of npm that check what the application serves. They run where Node is present."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
NPM_CI = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


async def node_tool(name: str, *arguments: str | Path) -> str:
    """Run a program of `tests/node/package.json` and return its output; its failure is that of the
    test, with what it printed. Skips the test on a machine without Node."""
    if not shutil.which("npm"):
        pytest.skip("Node is not installed")
    done = await asyncio.to_thread(_run, name, arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def node_program(name: str) -> list[str | Path]:
    """The command that runs a file of this folder. Skips the test on a machine without Node."""
    if not shutil.which("npm"):
        pytest.skip("Node is not installed")
    _install()
    return ["node", FOLDER / name]


def _run(name: str, arguments: tuple[str | Path, ...]) -> subprocess.CompletedProcess[str]:
    _install()
    program = FOLDER / "node_modules" / ".bin" / name
    quiet = {**os.environ, "NO_COLOR": "1", "REDOCLY_TELEMETRY": "off"}
    return subprocess.run(
        [program, *arguments], cwd=FOLDER, env=quiet, capture_output=True, text=True
    )


@cache
def _install() -> None:
    """Install the exact versions of the lock file, once for each of its contents."""
    wanted, installed = FOLDER / "package-lock.json", FOLDER / "node_modules" / ".installed"
    with wanted.open("rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another worker of the same run waits
        if not installed.exists() or installed.read_bytes() != wanted.read_bytes():
            subprocess.run(NPM_CI, cwd=FOLDER, check=True)
            installed.write_bytes(wanted.read_bytes())
