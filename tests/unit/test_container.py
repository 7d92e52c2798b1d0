"""What the container makes of the settings."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from adapters.system.clock import SystemClock
from onehour.container import authenticator, identity_providers, passwords
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


async def test_the_secret_key_changes_and_passwords_apps_and_seals_stay() -> None:
    """Reliability requirement 45: secrets are rotated without harm to what is kept."""
    lasting = "a lasting key, long enough for everybody"
    before, after = (
        Settings.load(
            {
                "ONEHOUR_SECRET_KEY": key,
                "ONEHOUR_LASTING_KEY": lasting,
                "ONEHOUR_BCRYPT_ROUNDS": "4",
            },
            None,
        )
        for key in ("the key of this year", "the key of next year")
    )

    hashed = await passwords(before).hash("four quiet trains")

    assert await passwords(after).matches("four quiet trains", hashed)
    secrets = {authenticator(each).secret("acc_1", "nonce") for each in (before, after)}
    assert len(secrets) == 1
    assert before.secret_key != after.secret_key


def test_without_a_lasting_key_the_secret_key_is_it() -> None:
    assert Settings.load({"ONEHOUR_SECRET_KEY": "the only key"}, None).lasting_key == "the only key"
