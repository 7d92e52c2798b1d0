"""No module outside an adapter names its provider."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.source_files import files_below

ROOT = Path(__file__).parents[2]
FOLDERS = ("core", "ports", "services", "web", "plugins", "onehour")
ALLOWED = {
    "onehour/adapters.py": "the list of built-in adapters",
    "onehour/settings.py": "the default of ONEHOUR_PAYMENTS",
    "onehour/simulator.py": "the command that serves this provider's simulator alone",
    "onehour/testing/samples/payments.py": "a stored webhook event, as earlier versions wrote it",
    "onehour/cli.py": "the help of that command",
}


@pytest.mark.parametrize("provider", ["cashfree", "mailjet"])
def test_no_provider_is_named_outside_its_adapter(provider: str) -> None:
    naming = {
        str(path.relative_to(ROOT))
        for folder in FOLDERS
        for path in files_below(ROOT / folder)
        if provider.encode() in path.read_bytes().lower()
    }

    assert naming - ALLOWED.keys() == set()


def test_every_exception_is_still_needed() -> None:
    for path in ALLOWED:
        assert "cashfree" in (ROOT / path).read_text(encoding="utf-8").lower(), path
