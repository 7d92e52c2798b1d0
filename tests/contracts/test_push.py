"""Messages to browsers: in memory, and by Web Push to a push service on this machine."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey

from adapters.memory.clock import FixedClock
from adapters.memory.push import MemoryPusher
from adapters.webpush.addresses import PublicServers
from adapters.webpush.encryption import CURVE, Once, encrypt
from adapters.webpush.pusher import WebPusher, new_private_key, private_key
from onehour.testing.push import LIFE, TEXT, PusherContract, PusherSetup
from onehour.testing.samples.sample import NOW
from ports.push import PushReceiver, PushRefused, PushUnavailable, SubscriptionEnded
from tests.contracts.push_service import BrowserKeys, PushServiceOnThisMachine, ThisMachine
from tests.patience import PATIENCE_S

CONTACT = "mailto:push@example.com"


@dataclass
class InMemory:
    pusher: MemoryPusher = field(default_factory=MemoryPusher)
    count: int = 0

    def browser(self) -> PushReceiver:
        self.count += 1
        return PushReceiver(f"https://push.example.com/{self.count}", b"", b"")

    def received(self, browser: PushReceiver) -> list[bytes]:
        return [each.content for each in self.pusher.sent if each.endpoint == browser.endpoint]

    def end(self, browser: PushReceiver) -> None:
        self.pusher.ended.add(browser.endpoint)

    def set_busy(self, busy: bool) -> None:
        self.pusher.down = busy

    def refuse(self, browser: PushReceiver) -> None:
        self.pusher.refused.add(browser.endpoint)

    async def close(self) -> None:
        self.pusher.down = True


@dataclass
class OnThisMachine:
    client: httpx.AsyncClient
    service: PushServiceOnThisMachine
    browsers: dict[str, BrowserKeys] = field(default_factory=dict)

    def __post_init__(self) -> None:
        key = private_key(new_private_key())
        self.pusher = WebPusher(self.client, FixedClock(NOW), key, CONTACT, ThisMachine())

    def browser(self) -> PushReceiver:
        keys = BrowserKeys(f"/push/{len(self.browsers)}")
        receiver = keys.receiver(self.service.port)
        self.browsers[receiver.endpoint] = keys
        return receiver

    def received(self, browser: PushReceiver) -> list[bytes]:
        keys = self.browsers[browser.endpoint]
        return [keys.decrypt(each.body) for each in self.service.accepted if each.path == keys.path]

    def end(self, browser: PushReceiver) -> None:
        self.service.statuses[self.browsers[browser.endpoint].path] = 410

    def set_busy(self, busy: bool) -> None:
        self.service.status = 503 if busy else 201

    def refuse(self, browser: PushReceiver) -> None:
        self.service.statuses[self.browsers[browser.endpoint].path] = 413

    async def close(self) -> None:
        await self.service.close()


@pytest.fixture
async def here() -> AsyncIterator[OnThisMachine]:
    service = PushServiceOnThisMachine()
    await service.start()
    async with httpx.AsyncClient(timeout=PATIENCE_S) as client:
        yield OnThisMachine(client, service)
    await service.close()


class TestMemoryPusher(PusherContract):
    @pytest.fixture
    def pusher_setup(self) -> PusherSetup:
        return InMemory()


class TestWebPusher(PusherContract):
    @pytest.fixture
    def pusher_setup(self, here: OnThisMachine) -> PusherSetup:
        return here


def decoded(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_message_is_encrypted_as_in_the_example_of_the_standard() -> None:
    """RFC 8291, section 5 and appendix A."""
    once = Once(
        salt=decoded("DGv6ra1nlYgDCS1FRnbzlw"),
        key=private_key("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"),
    )

    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        key=decoded(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
        ),
        secret=decoded("BTBZMqHH6r4Tts7J_aSIgg"),
        once=once,
    )

    assert body == decoded(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAm"
        "S6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_"
        "Qulcy4a-fN"
    )


async def test_a_request_is_signed_for_its_push_service(here: OnThisMachine) -> None:
    await here.pusher.send(here.browser(), TEXT, topic="booking", life=LIFE)

    (request,) = here.service.accepted
    scheme, token, key = request.headers["authorization"].replace(",", "").split()
    signed = jwt.decode(token.removeprefix("t="), ECKey.import_key(here.pusher.key.public_key()))
    assert (scheme, key) == ("vapid", f"k={here.pusher.public_key}")
    assert signed.header["alg"] == "ES256"
    assert signed.claims == {
        "aud": f"http://127.0.0.1:{here.service.port}",
        "exp": int(NOW.timestamp()) + 12 * 3600,
        "sub": CONTACT,
    }
    headers = request.headers
    assert (headers["content-encoding"], headers["ttl"]) == ("aes128gcm", "86400")
    assert len(headers["topic"]) == 32


async def test_a_redirect_is_not_followed(here: OnThisMachine) -> None:
    here.service.status = 307

    with pytest.raises(PushRefused):
        await here.pusher.send(here.browser(), TEXT, topic="a", life=LIFE)


async def test_a_key_that_is_no_point_of_the_curve_ends_the_subscription(
    here: OnThisMachine,
) -> None:
    browser = here.browser()
    wrong = PushReceiver(browser.endpoint, b"\x04" + b"\x01" * 64, browser.secret)

    with pytest.raises(SubscriptionEnded):
        await here.pusher.send(wrong, TEXT, topic="a", life=LIFE)


def resolving(*addresses: str) -> PublicServers:
    async def resolve(host: str, port: int) -> Sequence[str]:
        return addresses

    return PublicServers(resolve)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "0.0.0.0", "224.0.0.1", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "::ffff:127.0.0.1",
        "2002:7f00:1::", "64:ff9b:1::1", "64:ff9b::7f00:1",
    ],
)  # fmt: skip
async def test_a_name_that_leads_to_a_private_address_is_refused(address: str) -> None:
    for servers in (resolving(address), resolving("8.8.8.8", address)):
        with pytest.raises(PushRefused):
            await servers.check("https://push.example.com/1")


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example.com/1", "https://push.example.com:22/1", "https://a@push.example.com",
        "ftp://push.example.com/1", "https:///1", "/1",
    ],
)  # fmt: skip
async def test_other_addresses_than_https_are_refused(endpoint: str) -> None:
    with pytest.raises(PushRefused):
        await resolving("8.8.8.8").check(endpoint)


async def test_the_connection_goes_to_the_address_that_was_checked() -> None:
    four = await resolving("8.8.8.8").check("https://push.example.com/send/1?a=b")
    six = await resolving("2001:4860:4860::8888").check("https://push.example.com/send/1")

    assert (four.pinned, four.origin) == ("https://8.8.8.8/send/1?a=b", "https://push.example.com")
    assert six.pinned == "https://[2001:4860:4860::8888]/send/1"
    assert four.host == "push.example.com"


async def test_a_name_that_is_not_found_is_tried_again_later() -> None:
    async def fails(host: str, port: int) -> Sequence[str]:
        raise OSError("no such host")

    with pytest.raises(PushUnavailable):
        await PublicServers(fails).check("https://push.example.com/1")


def test_a_new_key_is_read_back() -> None:
    key = private_key(new_private_key())

    assert isinstance(key, ec.EllipticCurvePrivateKey)
    assert key.curve.name == CURVE.name
    with pytest.raises(ValueError, match="32 bytes"):
        private_key("c2hvcnQ")
