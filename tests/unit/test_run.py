"""What `onehour run` sets for the processes it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from onehour.run import choose_local_servers
from onehour.settings import Settings


@pytest.mark.parametrize(
    ("given", "support"),
    [
        ({}, "support@example.com"),
        ({"ONEHOUR_SUPPORT_EMAIL": "help@hours.example"}, None),
        ({"ONEHOUR_SEED_DEMO": "0"}, None),
    ],
)
def test_the_demo_has_a_support_address_unless_one_is_set(
    given: dict[str, str], support: str | None, tmp_path: Path
) -> None:
    settings = Settings.load({"ONEHOUR_DATA_DIR": str(tmp_path), **given}, None)

    environ = choose_local_servers(settings).environ

    assert environ.get("ONEHOUR_SUPPORT_EMAIL") == support
