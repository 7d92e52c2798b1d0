"""The plugin and its settings, as the application reads them."""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

import httpx
import pytest
from onehour_razorpay import OFFER, Razorpay
from onehour_razorpay.gateway import RazorpayGateway
from onehour_razorpay.options import PREFIX, RazorpayOptions
from onehour_razorpay.server import LocalRazorpay
from world import NOW

from onehour.api import Deployment, Resources, WrongSetting
from onehour.testing.clock import FixedClock
from onehour.testing.plugins import enabled

GIVEN = {"KEY_ID": "rzp_live_1", "KEY_SECRET": "one", "WEBHOOK_SECRET": "two"}


@pytest.fixture
def deployment(tmp_path: Path) -> Deployment:
    return Deployment(
        in_production=False,
        base_url="https://hours.example",
        files_url="https://hours.example",
        own_url="http://127.0.0.1:8000",
        checkout_path="/checkout",
        webhook_path="/api/v1/webhooks/payments",
        data_dir=tmp_path,
        mail_from="OneHour <hello@hours.example>",
    )


def options(**changed: str) -> RazorpayOptions:
    return RazorpayOptions(**{name.lower(): text for name, text in (GIVEN | changed).items()})


def test_the_plugin_offers_the_adapter() -> None:
    settings = {f"{PREFIX}{name}": text for name, text in GIVEN.items()}

    plugins = enabled(Razorpay, "razorpay", settings=settings)

    assert plugins.adapters == (OFFER,)
    assert (OFFER.port, OFFER.name) == ("payments", "razorpay")


@pytest.mark.parametrize("missing", ["KEY_SECRET", "WEBHOOK_SECRET"])
def test_a_key_needs_its_secrets(missing: str) -> None:
    with pytest.raises(ValueError, match=f"{PREFIX}{missing} must be set beside {PREFIX}KEY_ID."):
        options(**{missing: ""})


@pytest.mark.parametrize("key", ["", "rzp_test_1"])
def test_in_production_the_key_is_a_live_one(key: str, deployment: Deployment) -> None:
    with pytest.raises(WrongSetting, match="must be the id of a live key"):
        options(KEY_ID=key).check_production(deployment)
    options().check_production(deployment)


def test_secrets_are_not_shown() -> None:
    assert "one" not in repr(options()) and "two" not in repr(options())


async def test_with_a_key_real_payments_are_made(deployment: Deployment) -> None:
    assert OFFER.configured(options())
    async with httpx.AsyncClient() as http:
        resources = Resources(deployment=deployment, http=http, clock=FixedClock(NOW))
        gateway = OFFER.build(options(), resources)

    assert isinstance(gateway, RazorpayGateway)
    assert gateway._account.base_url == "https://api.razorpay.com"
    assert (gateway.name, gateway.checkout) == ("razorpay", None)


async def test_without_a_key_the_server_of_this_machine_is_used(deployment: Deployment) -> None:
    nothing = RazorpayOptions(key_id=None)
    assert OFFER.local_server is not None and not OFFER.configured(nothing)

    server = OFFER.local_server.build(nothing, deployment)
    async with httpx.AsyncClient() as http:
        resources = Resources(deployment=deployment, http=http, clock=FixedClock(NOW))
        gateway = OFFER.build(nothing, resources)
    await server.stop()

    assert isinstance(server, LocalRazorpay) and isinstance(gateway, RazorpayGateway)
    settings = server.provider.settings
    assert gateway._account.base_url == f"http://127.0.0.1:8000{server.path}"
    assert gateway._account.webhook_secrets == (settings.webhook_secret,)
    assert settings.public_url == f"https://hours.example{server.path}"
    assert settings.webhook_url == "http://127.0.0.1:8000/api/v1/webhooks/payments/razorpay"


def test_installed_it_is_found_by_its_name() -> None:
    points = [each for each in entry_points(group="onehour.plugins") if each.name == "razorpay"]

    if not points:
        pytest.skip("run from the source: nothing is installed")
    assert points[0].load() is Razorpay
