"""Everything the services need of the outside."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ports.clock import Clock, Ids
from ports.extensions import Extensions
from ports.factors import Authenticator
from ports.identity import IdentityProvider
from ports.live import Live
from ports.mail import Mailer
from ports.passwords import Passwords
from ports.payments import PaymentGateway
from ports.pictures import Pictures
from ports.store import Store
from ports.tokens import TokenSigner


@dataclass(frozen=True, slots=True)
class Ports:
    """Everything the services need of the outside."""

    store: Store
    gateways: Mapping[str, PaymentGateway]
    mailer: Mailer
    live: Live
    extensions: Extensions
    passwords: Passwords
    authenticator: Authenticator
    signer: TokenSigner
    identities: Mapping[str, IdentityProvider]
    pictures: Pictures
    clock: Clock
    ids: Ids
