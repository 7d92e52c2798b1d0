"""Go programs that check what we ship. They run where Go is present, in the versions of `go.mod`
and with the checksums of `go.sum`; Go fetches and builds them at the first use."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


def compose_project(file: Path) -> str:
    """The project of a compose file as JSON, read by the library of `docker compose`. What it
    refuses fails the test. Skips the test on a machine without Go."""
    return _go("run", "./compose", file)


def kustomize(folder: Path) -> str:
    """The manifests of a kustomization as YAML. Skips the test on a machine without Go."""
    return _go("tool", "kustomize", "build", folder)


def _go(*arguments: str | Path) -> str:
    if not shutil.which("go"):
        pytest.skip("Go is not installed")
    # Without optimization the programs are built in half of the time.
    exact = {**os.environ, "GOFLAGS": "-mod=readonly -gcflags=all=-N", "GOWORK": "off"}
    done = subprocess.run(
        ["go", *arguments], cwd=FOLDER, env=exact, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
