"""What services depend on: the ports and the shared settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from core.gst import Operator
from core.policy import Policies
from core.vocabulary import VOCABULARY, Vocabulary
from ports.calendars import Calendars
from ports.clock import Clock, Ids
from ports.email_addresses import EmailAddresses
from ports.extensions import Extensions
from ports.factors import Authenticator
from ports.formats import Formats
from ports.identity import IdentityProvider
from ports.inspection import Inspector
from ports.link_previews import LinkPreviews
from ports.live import Live
from ports.mail import Mailer
from ports.passwords import Passwords
from ports.payments import PaymentGateway
from ports.payouts import PayoutProvider
from ports.pictures import Pictures
from ports.printing import Printer
from ports.push import Pusher
from ports.shared_texts import SharedTexts
from ports.storage import Storage
from ports.store import Store
from ports.telemetry import NO_TELEMETRY, Telemetry
from ports.templates import Templates
from ports.tokens import TokenSigner
from ports.video import VideoProvider
from ports.virus_scan import VirusScanner


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """The adapters and settings the composition root gives to the capabilities.

    `site` is the base URL of this site without a trailing slash. `provider` is the name of the
    gateway for new payments. `secret_key` signs codes and may be rotated. `lasting_key` signs the
    audit trail and must never change. `vocabulary` has the words of the search.
    `payouts` are the payout providers, and `payout_provider` is the name of the one for new payout
    accounts, empty where developers cannot withdraw.
    `push` is None where no messages are sent to browsers, `virus_scanner` where files are not
    scanned. `operator` is who runs the site, as documents name it.
    """

    store: Store
    storage: Storage
    gateways: Mapping[str, PaymentGateway]
    video: VideoProvider
    mailer: Mailer
    templates: Templates
    live: Live
    extensions: Extensions
    email_addresses: EmailAddresses
    passwords: Passwords
    authenticator: Authenticator
    signer: TokenSigner
    identities: Mapping[str, IdentityProvider]
    pictures: Pictures
    link_previews: LinkPreviews
    inspector: Inspector
    formats: Formats
    calendars: Calendars
    printer: Printer
    shared_texts: SharedTexts
    clock: Clock
    ids: Ids
    site: str
    provider: str
    secret_key: bytes = field(repr=False)
    lasting_key: bytes = field(repr=False)
    policies: Policies = field(default_factory=Policies)
    vocabulary: Vocabulary = VOCABULARY
    payouts: Mapping[str, PayoutProvider] = field(default_factory=dict)
    payout_provider: str = ""
    push: Pusher | None = None
    virus_scanner: VirusScanner | None = None
    operator: Operator = field(default_factory=Operator)
    telemetry: Telemetry = NO_TELEMETRY
