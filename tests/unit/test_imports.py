"""Libraries are imported without their parts for clients."""

from __future__ import annotations

import subprocess
import sys

import pytest

from onehour.imports import UNUSED, import_libraries

PROGRAM = """
import sys
from onehour.imports import UNUSED, import_libraries
import_libraries()
print(*sorted(set(UNUSED) & sys.modules.keys()), "socketio" in sys.modules)
import requests
"""


def test_what_the_application_does_not_use_is_imported_only_by_those_who_do() -> None:
    ran = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True)

    assert (ran.returncode, ran.stdout.split()) == (0, ["True"]), ran.stderr


def test_what_is_imported_already_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    there = sys.modules["httpx"]
    monkeypatch.setitem(sys.modules, UNUSED[0], there)

    import_libraries()

    assert sys.modules[UNUSED[0]] is there
    assert sys.modules["httpx"] is there
