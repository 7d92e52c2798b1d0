"""Servers that `make real-servers` builds with Go, where it is present."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / ".real-servers"
REQUIRED = ("REAL_SERVERS", "CI")
"""With one of these in the environment, a server that has not been built is a failure."""


def built(program: str) -> Path:
    """The path of the program. Skips the test if it has not been built, which takes minutes; if it
    is `REQUIRED`, fails."""
    path = FOLDER / program
    if not path.exists():
        is_required = any(os.environ.get(name) for name in REQUIRED)
        refuse = pytest.fail if is_required else pytest.skip
        refuse(f"`make real-servers` has not built {program}, or Go is not installed")
    return path
