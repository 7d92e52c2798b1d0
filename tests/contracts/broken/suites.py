"""The contract suites with the broken adapters of their ports, and what their cases get."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, cast

from adapters.memory.clock import FixedClock, SequentialIds
from adapters.memory.extensions import MemoryExtensions
from adapters.memory.live import MemoryLive
from onehour.testing.clock import ClockContract, IdsContract
from onehour.testing.extensions import ExtensionsContract
from onehour.testing.identity import NoncedIdentityProviderContract
from onehour.testing.live import LiveContract
from onehour.testing.mail import MailerContract
from onehour.testing.payments import PaymentGatewayContract
from onehour.testing.payouts import PayoutsContract
from onehour.testing.push import PusherContract
from onehour.testing.samples.sample import NOW
from onehour.testing.scheduling import NotifierContract, RecordedWakeUps
from onehour.testing.storage import StorageContract
from onehour.testing.store_steps import StepsContract
from onehour.testing.suite import Contract
from onehour.testing.video import VideoProviderContract
from onehour.testing.virus_scan import VirusScannerContract
from ports.storage import Storage
from ports.storage_links import LinkSigner
from tests.app import MONDAY
from tests.contracts.broken import (
    balances,
    chargebacks,
    identities,
    mailers,
    payments,
    payouts,
    pushers,
    refunds,
    scanners,
    settlements,
    small,
    storage_links,
    storages,
    stores,
    video,
)
from tests.contracts.broken.suite import Suite
from tests.contracts.test_identity import MemoryProviderSetup
from tests.contracts.test_mail import Memory
from tests.contracts.test_payments import MemoryGatewaySetup
from tests.contracts.test_payouts import MemoryPayoutsSetup
from tests.contracts.test_push import InMemory as PushSetup
from tests.contracts.test_small_ports import (
    MemoryExtensionsSetup,
    MemoryLiveSetup,
    MemoryNotifierSetup,
)
from tests.contracts.test_storage import SECRET, SITE, MemorySetup, _clock
from tests.contracts.test_video import Setup as VideoSetup
from tests.contracts.test_virus_scan import LIMIT
from tests.contracts.test_virus_scan import InMemory as ScannerSetup


def gateway(adapter: Any) -> Any:
    setup = MemoryGatewaySetup()
    setup.gateway = adapter(setup.clock)
    setup.gateway.refunds_succeed_at_once = not hasattr(adapter, "ended")
    return setup


def payout_provider(adapter: Any) -> Any:
    setup = MemoryPayoutsSetup()
    setup.provider = adapter()
    return setup


def provider(adapter: Any) -> Any:
    clock = FixedClock(MONDAY)
    return VideoSetup(adapter(clock), clock, has_server=True)


def named(fixture: str, build: Callable[[Any], Any]) -> Callable[[Any], Mapping[str, Any]]:
    """The fixture that `build` makes of an adapter."""
    return lambda adapter: {fixture: build(adapter)}


def store(adapter: Any) -> Mapping[str, Any]:
    clock, wake_ups = FixedClock(NOW), RecordedWakeUps()
    return {"store": adapter(clock, wake_ups), "wake_ups": wake_ups}


def extensions(adapter: Any) -> Any:
    class Setup(MemoryExtensionsSetup):
        made = adapter

    return Setup()


def live(adapter: Any) -> Any:
    setup = MemoryLiveSetup()
    setup.live = setup._memory = adapter()
    return setup


def notifier(adapter: Any) -> Any:
    setup = MemoryNotifierSetup()
    setup.notifier = setup._wake_ups = adapter()
    return setup


class Steps(StepsContract, Contract):
    """The part of `StoreContract` that does not depend on a repository."""

    port = "store"


class BrokenStorageSetup(MemorySetup):
    async def disconnect(self) -> Storage:
        made = cast(Any, storage(type(self.storage))).storage
        made.down = True
        return cast(Storage, made)


def storage(adapter: Any) -> BrokenStorageSetup:
    clock = _clock()
    return BrokenStorageSetup(adapter(LinkSigner(SITE, SECRET, clock), clock), clock)


SUITES = (
    Suite(PaymentGatewayContract, payments, named("gateway_setup", gateway)),
    Suite(PaymentGatewayContract, refunds, named("gateway_setup", gateway)),
    Suite(PaymentGatewayContract, settlements, named("gateway_setup", gateway)),
    Suite(PaymentGatewayContract, chargebacks, named("gateway_setup", gateway)),
    Suite(PayoutsContract, payouts, named("payouts_setup", payout_provider)),
    Suite(PayoutsContract, balances, named("payouts_setup", payout_provider)),
    Suite(VideoProviderContract, video, named("setup", provider)),
    Suite(MailerContract, mailers, named("mailer_setup", lambda each: Memory(each()))),
    Suite(PusherContract, pushers, named("pusher_setup", lambda each: PushSetup(each()))),
    Suite(
        VirusScannerContract,
        scanners,
        named("setup", lambda each: ScannerSetup(each(size_maximum=LIMIT))),
    ),
    Suite(StorageContract, storages, named("storage_setup", storage)),
    Suite(StorageContract, storage_links, named("storage_setup", storage)),
    Suite(
        NoncedIdentityProviderContract,
        identities,
        named("provider_setup", lambda each: MemoryProviderSetup(each())),
    ),
    Suite(Steps, stores, store),
    Suite(ClockContract, small, named("clock", lambda each: each(MONDAY)), FixedClock),
    Suite(IdsContract, small, named("ids", lambda each: each()), SequentialIds),
    Suite(LiveContract, small, named("live_setup", live), MemoryLive),
    Suite(NotifierContract, small, named("notifier_setup", notifier), RecordedWakeUps),
    Suite(ExtensionsContract, small, named("extensions_setup", extensions), MemoryExtensions),
)
