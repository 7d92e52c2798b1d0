"""What `onehour run` sets for the processes it starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from onehour.run import choose_local_servers
from onehour.settings import Settings
from ports.settings import WrongSetting


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


def test_an_adapter_that_nobody_offers_is_refused_before_a_server_is_chosen(tmp_path: Path) -> None:
    given = {"ONEHOUR_PLUGINS": "feedback", "ONEHOUR_PAYMENTS": "gold"}
    settings = Settings.load({"ONEHOUR_DATA_DIR": str(tmp_path), **given}, None)

    with pytest.raises(WrongSetting, match=r"^ONEHOUR_PAYMENTS is gold; choose one of cashfree.$"):
        choose_local_servers(settings)

    assert not (tmp_path / "ports.json").exists()
