"""The whole application on the memory adapters, with steps that bring it into the usual states: for
the tests of plugins, and for those of OneHour itself.

    plugins = enabled(plugin, "name")
    app = application(plugins)
    (client, _), developer = await app.client(), await app.developer()
    booking = await app.paid(client, developer)
    browser = await signed_in(app, site(app, plugins), client)
    answer, html = await browser.look(f"/bookings/{booking.id}")

Time stands still at `MONDAY` until `pass_time`; payments are those of a gateway in memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from adapters.babel import BabelFormats
from adapters.email_validator.addresses import ValidatedEmailAddresses
from adapters.fpdf import FpdfPrinter
from adapters.icalendar import IcalendarFiles
from adapters.jinja import JinjaTemplates
from adapters.memory.clock import FixedClock, SequentialIds
from adapters.memory.extensions import MemoryExtensions
from adapters.memory.identity import MemoryIdentityProvider
from adapters.memory.live import MemoryLive
from adapters.memory.mail import MemoryMailer
from adapters.memory.passwords import PlainPasswords
from adapters.memory.payments import MemoryGateway
from adapters.memory.payouts import MemoryPayouts
from adapters.memory.push import MemoryPusher
from adapters.memory.storage import MemoryStorage
from adapters.memory.store import MemoryStore
from adapters.memory.tokens import MemorySigner
from adapters.peer.provider import PeerVideo
from adapters.pillow.inspection.inspector import ChildInspector
from adapters.pillow.link_previews import PillowLinkPreviews
from adapters.pillow.pictures import PillowPictures
from adapters.system.factors import TotpAuthenticator
from adapters.yrs import YrsTexts
from core.gst import Operator
from core.policy import Policies
from onehour.testing.steps.clients import ClientSteps
from onehour.testing.steps.developers import ALL_DAY, DeveloperSteps
from onehour.testing.steps.jobs import JobSteps
from onehour.testing.steps.parts import CALLER, PASSWORD
from ports.identity import IdentityProvider
from ports.payments import PaymentGateway
from ports.storage_links import LinkSigner
from ports.store import Store
from ports.telemetry import NO_TELEMETRY, Telemetry
from ports.tokens import TokenSigner
from ports.video import VideoProvider
from ports.virus_scan import VirusScanner
from services.bootstrap import CAPABILITIES, Services, build_services
from services.shared.capabilities import Capability, documents_of
from services.shared.dependencies import Dependencies
from services.shared.templates import LAYOUT, contact, template_sources
from web.shared.assets import DOCUMENT_FONTS, TEXT_FONTS

__all__ = ["ALL_DAY", "CALLER", "MONDAY", "PASSWORD", "MemoryApp", "memory_app"]

SITE = "https://onehour.test"
SUPPORT = "support@example.com"
SENDER = "1HourDeveloper <no-reply@onehour.test>"
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
"""Monday, 11:30 in India: the moment at which every test begins."""


@cache
def templates(added: tuple[Capability, ...] = ()) -> JinjaTemplates:
    """The e-mail templates, compiled once for all tests with the same plugins."""
    sources = template_sources((*CAPABILITIES, *added))
    return JinjaTemplates(
        sources, formats=BabelFormats(), layout=LAYOUT, values=contact(SITE, SUPPORT)
    )


@cache
def inspector() -> ChildInspector:
    """One for all tests of a process; its own processes begin with the first file."""
    return ChildInspector()


@dataclass
class MemoryApp(ClientSteps, DeveloperSteps, JobSteps):
    """`policies` may be changed before the first use; `run` lets the relays do all that is due.
    `identities` are providers beside the one in memory, `identity_provider`."""

    policies: Policies = field(default_factory=Policies)
    clock: FixedClock = field(default_factory=lambda: FixedClock(MONDAY))
    store: Store = None  # type: ignore[assignment]
    extensions: MemoryExtensions = field(default_factory=MemoryExtensions)
    signer: TokenSigner = field(default_factory=MemorySigner)
    identities: Mapping[str, IdentityProvider] = field(default_factory=dict)
    site: str = SITE
    telemetry: Telemetry = NO_TELEMETRY
    virus_scanner: VirusScanner | None = None
    video: VideoProvider = field(default_factory=PeerVideo)
    operator: Operator = field(default_factory=Operator)
    added: tuple[Capability, ...] = ()
    """The capabilities of plugins."""
    gateways: Mapping[str, PaymentGateway] = field(default_factory=dict)
    """Payment gateways beside the one in memory, `gateway`. New payments are made with the first of
    them."""

    def __post_init__(self) -> None:
        documents = documents_of((*CAPABILITIES, *self.added))
        self.store = self.store or MemoryStore(self.clock, documents=documents)
        self.gateway = MemoryGateway(self.clock)
        self.payouts = MemoryPayouts()
        self.mailer = MemoryMailer()
        links = LinkSigner(self.site, b"a key for links to files in tests", self.clock)
        self.storage = MemoryStorage(links, self.clock)
        self.live = MemoryLive()
        self.pusher = MemoryPusher()
        self.identity_provider = MemoryIdentityProvider()
        self.ids = SequentialIds()
        self.formats = BabelFormats()
        self.quarantined = 0
        """Paise the gateway holds that the ledger rightly does not have."""
        self.services: Services = build_services(
            Dependencies(
                store=self.store,
                storage=self.storage,
                video=self.video,
                gateways={self.gateway.name: self.gateway, **self.gateways},
                payouts={self.payouts.name: self.payouts},
                payout_provider=self.payouts.name,
                mailer=self.mailer,
                templates=templates(self.added),
                live=self.live,
                extensions=self.extensions,
                email_addresses=ValidatedEmailAddresses(),
                passwords=PlainPasswords(),
                authenticator=TotpAuthenticator(b"a key for tests", issuer="OneHour"),
                signer=self.signer,
                identities={self.identity_provider.name: self.identity_provider, **self.identities},
                pictures=PillowPictures(),
                link_previews=PillowLinkPreviews(TEXT_FONTS),
                inspector=inspector(),
                virus_scanner=self.virus_scanner,
                operator=self.operator,
                formats=self.formats,
                calendars=IcalendarFiles(SENDER),
                printer=FpdfPrinter(DOCUMENT_FONTS),
                shared_texts=YrsTexts(),
                clock=self.clock,
                ids=self.ids,
                policies=self.policies,
                telemetry=self.telemetry,
                site=self.site,
                provider=next(iter(self.gateways), self.gateway.name),
                secret_key=b"a key for tests",
                lasting_key=b"a key for tests",
                push=self.pusher,
            ),
            added=self.added,
        )

    async def run(self) -> int:
        """Runs everything that is due now, and what becomes due by it."""
        total = 0
        while ran := await self.services.outbox.run_due(limit=100):
            total += ran
            assert total < 10_000, "outbox messages without end"
        return total

    async def pass_time(self, by: timedelta) -> None:
        self.clock.advance(by)
        await self.run()


def memory_app(**options: object) -> MemoryApp:
    return MemoryApp(**options)  # type: ignore[arg-type]
