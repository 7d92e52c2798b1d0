"""What the container builds from the settings."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from dependency_injector import providers
from pydantic_settings import BaseSettings, SettingsConfigDict

from adapters.memory.clock import FixedClock
from adapters.memory.mail import MemoryMailer
from adapters.system.clock import SystemClock
from onehour.adapters import BUILT_IN
from onehour.chosen import mailer
from onehour.container import authenticator, build, identity_providers, passwords
from onehour.settings import Settings, WrongSetting
from ports.adapters import AdapterOffer, Resources
from ports.settings import Deployment
from tests.unit.test_settings import PUBLIC_HOUSE

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


class PigeonOptions(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="ONEHOUR_PLUGIN_PIGEON_")

    loft: str
    wings: int = 2

    def check_production(self, deployment: Deployment) -> None:
        if self.wings < 2:
            raise WrongSetting("In production ONEHOUR_PLUGIN_PIGEON_WINGS must be 2.")


class PigeonMailer(MemoryMailer):
    def __init__(self, loft: str) -> None:
        super().__init__()
        self.loft = loft


PIGEON = AdapterOffer(
    port="mail",
    name="pigeon",
    settings=PigeonOptions,
    build=lambda options, resources: PigeonMailer(options.loft),
    configured=lambda options: True,
)
OFFERS = (*BUILT_IN, PIGEON)
CHOSEN = {"ONEHOUR_MAIL": "pigeon", "ONEHOUR_PLUGINS": "pigeon"}


def lent(settings: Settings) -> Resources:
    """Without a client: building an adapter does no I/O."""
    return Resources(deployment=settings.deployment, http=None, clock=SystemClock())


def test_a_plugins_adapter_is_chosen_by_its_name_and_has_its_own_settings(tmp_path: Path) -> None:
    given = {**CHOSEN, "ONEHOUR_PLUGIN_PIGEON_LOFT": "north", "ONEHOUR_DATA_DIR": str(tmp_path)}
    settings = Settings.load(given, None)

    made = mailer(settings, lent(settings), OFFERS)

    assert isinstance(made, PigeonMailer)
    assert made.loft == "north"


def test_a_plugins_wrong_setting_is_told_when_its_adapter_is_chosen(tmp_path: Path) -> None:
    settings = Settings.load({**CHOSEN, "ONEHOUR_DATA_DIR": str(tmp_path)}, None)

    with pytest.raises(WrongSetting, match=r"^ONEHOUR_PLUGIN_PIGEON_LOFT must be set\.$"):
        mailer(settings, lent(settings), OFFERS)


def test_a_plugins_adapter_says_what_it_needs_in_production(tmp_path: Path) -> None:
    given = {
        **PUBLIC_HOUSE,
        **CHOSEN,
        "ONEHOUR_DATA_DIR": str(tmp_path),
        "ONEHOUR_PLUGIN_PIGEON_LOFT": "north",
        "ONEHOUR_PLUGIN_PIGEON_WINGS": "1",
    }
    settings = Settings.load(given, None)

    with pytest.raises(WrongSetting, match="In production ONEHOUR_PLUGIN_PIGEON_WINGS must be 2"):
        mailer(settings, lent(settings), OFFERS)


def test_an_unknown_mailer_is_reported(tmp_path: Path) -> None:
    given = {"ONEHOUR_MAIL": "gull", "ONEHOUR_PLUGINS": "pigeon", "ONEHOUR_DATA_DIR": str(tmp_path)}
    settings = Settings.load(given, None)

    with pytest.raises(WrongSetting) as refused:
        mailer(settings, lent(settings), OFFERS)

    assert refused.value.message == "ONEHOUR_MAIL is gull; choose one of mailjet, pigeon, smtp."


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


async def test_building_the_container_builds_no_part(tmp_path: Path) -> None:
    """Whoever replaces parts of it does so afterwards."""
    urls = {"ONEHOUR_MONGO_URL": "mongodb://db.example/", "ONEHOUR_REDIS_URL": "redis://r.example"}
    container = build(Settings.load({**urls, "ONEHOUR_DATA_DIR": str(tmp_path)}, None))
    clock = FixedClock(datetime(2026, 5, 4, tzinfo=UTC))

    container.clock.override(providers.Object(clock))

    assert container.resources().clock is clock
