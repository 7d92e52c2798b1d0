"""Payouts are chosen by ONEHOUR_PAYOUTS: the simulator for trying out, and off in production until
an account is set."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, OAEP
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from adapters.cashfree.payout_offer import PAYOUT_OFFER, payout_settings
from adapters.cashfree.payout_settings import CashfreePayoutOptions
from adapters.memory.clock import FixedClock
from core.withdrawals_facts import TransferId
from onehour.chosen import payouts
from onehour.local_servers import local_servers
from onehour.settings import Settings, WrongSetting
from ports.adapters import Resources
from ports.payments import LocalGateway
from ports.payouts import TransferUnknown
from tests.app import MONDAY

REAL = {
    "ONEHOUR_CASHFREE_PAYOUTS_BASE_URL": "https://sandbox.cashfree.com/payout",
    "ONEHOUR_CASHFREE_PAYOUTS_CLIENT_ID": "id",
    "ONEHOUR_CASHFREE_PAYOUTS_CLIENT_SECRET": "hush",
}


def loaded(folder: Path, **given: str) -> Settings:
    return Settings.load({"ONEHOUR_DATA_DIR": str(folder), **given}, None)


def found(settings: Settings) -> Mapping[str, object]:
    resources = Resources(
        deployment=settings.deployment, http=httpx.AsyncClient(), clock=FixedClock(MONDAY)
    )
    return payouts(settings, resources)


@pytest.fixture
def key_pair(tmp_path: Path) -> tuple[rsa.RSAPrivateKey, Path]:
    """A key of the account, and the file with its public part."""
    private, file = rsa.generate_private_key(65537, 2048), tmp_path / "cashfree.pem"
    file.write_bytes(
        private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    return private, file


async def test_with_a_public_key_each_call_is_signed_for_its_own_time(
    tmp_path: Path, key_pair: tuple[rsa.RSAPrivateKey, Path]
) -> None:
    private, file = key_pair
    settings = loaded(tmp_path, **REAL, ONEHOUR_CASHFREE_PAYOUTS_PUBLIC_KEY=str(file))
    sent, clock = list[httpx.Request](), FixedClock(MONDAY)

    def answer(request: httpx.Request) -> httpx.Response:
        sent.append(request)
        return httpx.Response(404, json={"code": "transfer_id_not_found"})

    async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
        resources = Resources(deployment=settings.deployment, http=client, clock=clock)
        provider = payouts(settings, resources)["cashfree"]
        for _ in range(2):
            with pytest.raises(TransferUnknown):
                await provider.find_transfer(TransferId("wd_1"))
            clock.advance(timedelta(minutes=1))

    padding = OAEP(MGF1(SHA1()), SHA1(), None)
    texts = [private.decrypt(b64decode(each.headers["X-Cf-Signature"]), padding) for each in sent]
    first = int(MONDAY.timestamp())
    assert texts == [f"id.{first}".encode(), f"id.{first + 60}".encode()]


def test_without_a_public_key_calls_are_not_signed(tmp_path: Path) -> None:
    settings = loaded(tmp_path, **REAL)

    options = settings.section(CashfreePayoutOptions)

    assert payout_settings(options, settings.deployment).public_key is None


@pytest.mark.parametrize("content", [None, b"", b"hello", b"-----BEGIN PUBLIC KEY-----"])
def test_a_file_without_a_public_key_is_refused_at_the_start(
    tmp_path: Path, content: bytes | None
) -> None:
    file = tmp_path / "key.pem"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(WrongSetting, match="PUBLIC_KEY"):
        loaded(tmp_path, **REAL, ONEHOUR_CASHFREE_PAYOUTS_PUBLIC_KEY=str(file))


def test_without_settings_the_simulator_pays(tmp_path: Path) -> None:
    settings = loaded(tmp_path)
    options = settings.section(CashfreePayoutOptions)

    servers = {server.path: server for server in local_servers(settings)}

    local = servers["/simulator/cashfree-payouts"]
    assert not isinstance(local, LocalGateway)  # the demo pays its bookings at those
    assert list(found(settings)) == ["cashfree"]
    assert payout_settings(options, settings.deployment).base_url == (
        "http://127.0.0.1:8000/simulator/cashfree-payouts/payout"
    )


def test_with_an_account_there_is_no_simulator(tmp_path: Path) -> None:
    settings = loaded(tmp_path, **REAL)

    assert "/simulator/cashfree-payouts" not in [s.path for s in local_servers(settings)]
    assert list(found(settings)) == ["cashfree"]


def test_off_has_no_provider_but_what_is_under_way_is_followed(tmp_path: Path) -> None:
    assert found(loaded(tmp_path, ONEHOUR_PAYOUTS="off")) == {}
    assert list(found(loaded(tmp_path, ONEHOUR_PAYOUTS="off", **REAL))) == ["cashfree"]


@pytest.mark.parametrize(
    "changes",
    [
        {"ONEHOUR_CASHFREE_PAYOUTS_CLIENT_ID": ""},
        {"ONEHOUR_CASHFREE_PAYOUTS_CLIENT_SECRET": ""},
        {"ONEHOUR_CASHFREE_PAYOUTS_BASE_URL": ""},
        {"ONEHOUR_CASHFREE_PAYOUTS_BASE_URL": "http://api.cashfree.com/payout"},
        {"ONEHOUR_CASHFREE_PAYOUTS_BASE_URL": "https://localhost/payout"},
        {"ONEHOUR_CASHFREE_PAYOUTS_BASE_URL": "https://hours.example/payout"},
    ],
)
def test_production_needs_the_keys_and_address_of_an_account(
    tmp_path: Path, changes: dict[str, str]
) -> None:
    settings = loaded(tmp_path, ONEHOUR_BASE_URL="https://hours.example")
    given = {name: text for name, text in {**REAL, **changes}.items() if text}
    options = loaded(tmp_path, **given).section(PAYOUT_OFFER.settings)

    with pytest.raises(WrongSetting):
        options.check_production(settings.deployment)


def test_a_wrong_name_and_a_wrong_address_stop_the_start(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting):
        loaded(tmp_path, ONEHOUR_PAYOUTS="bank")
    with pytest.raises(WrongSetting):
        loaded(tmp_path, ONEHOUR_CASHFREE_PAYOUTS_BASE_URL="https://sandbox.cashfree.com/pg")
