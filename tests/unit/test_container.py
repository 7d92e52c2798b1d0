"""What the container makes of the settings."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from adapters.system.clock import SystemClock
from onehour.container import identity_providers
from onehour.settings import Settings

GOOGLE = {"ONEHOUR_GOOGLE_CLIENT_ID": "g", "ONEHOUR_GOOGLE_CLIENT_SECRET": "g-secret"}
GITHUB = {"ONEHOUR_GITHUB_CLIENT_ID": "h", "ONEHOUR_GITHUB_CLIENT_SECRET": "h-secret"}
OWN = {
    "ONEHOUR_OPENID_ISSUER": "https://login.example.com",
    "ONEHOUR_OPENID_CLIENT_ID": "o",
    "ONEHOUR_OPENID_CLIENT_SECRET": "o-secret",
    "ONEHOUR_OPENID_LABEL": "Our staff",
}


@pytest.mark.parametrize(
    ("given", "labels"),
    [
        ({}, {}),
        (GITHUB, {"github": "GitHub"}),
        (
            {**GOOGLE, **GITHUB, **OWN},
            {"google": "Google", "github": "GitHub", "openid": "Our staff"},
        ),
    ],
)
async def test_sites_to_sign_in_with_are_those_that_are_registered(
    given: dict[str, str], labels: dict[str, str], tmp_path: Path
) -> None:
    settings = Settings.load({"ONEHOUR_DATA_DIR": str(tmp_path), **given}, None)

    async with httpx.AsyncClient() as http:
        offered = identity_providers(settings, http, SystemClock())

    assert {name: provider.label for name, provider in offered.items()} == labels
    assert all(name == provider.name for name, provider in offered.items())
