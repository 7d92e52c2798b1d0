"""Programs of npm that check what the application serves. They run where Node is present."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.node.installed import install

FOLDER = Path(__file__).parent


async def node_tool(name: str, *arguments: str | Path) -> str:
    """Run a program of `tests/node/package.json` and return its output; its failure is that of the
    test, with what it printed. Skips the test on a machine without Node."""
    if not shutil.which("npm"):
        pytest.skip("Node is not installed")
    return await _output_of(Path(".bin", name), *arguments)


async def java_tool(jar: str, *arguments: str | Path) -> str:
    """The same for a program in Java: `jar` is its path below `node_modules`. Skips the test on a
    machine without Java; where only npm is missing, it fails if `CI` is set and is skipped else."""
    if not shutil.which("java"):
        pytest.skip("Java is not installed")
    if not shutil.which("npm"):
        (pytest.fail if os.environ.get("CI") else pytest.skip)("npm is not installed")
    return await _output_of("java", "-jar", FOLDER / "node_modules" / jar, *arguments)


def node_program(name: str) -> list[str | Path]:
    """The command that runs a file of this folder. Skips the test on a machine without Node."""
    if not shutil.which("npm"):
        pytest.skip("Node is not installed")
    _install()
    return ["node", FOLDER / name]


async def _output_of(program: str | Path, *arguments: str | Path) -> str:
    done = await asyncio.to_thread(_run, program, arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _run(
    program: str | Path, arguments: tuple[str | Path, ...]
) -> subprocess.CompletedProcess[str]:
    """A `program` with a path is one of `node_modules`."""
    _install()
    found = FOLDER / "node_modules" / program if isinstance(program, Path) else program
    quiet = {**os.environ, "NO_COLOR": "1", "REDOCLY_TELEMETRY": "off"}
    return subprocess.run(
        [found, *arguments], cwd=FOLDER, env=quiet, capture_output=True, text=True
    )


@cache
def _install() -> Path:
    return install(FOLDER)
