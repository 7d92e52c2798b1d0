"""The built-in adapters and their settings; here an adapter is chosen by its name."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel

from adapters import cashfree, clamd, disk, mailjet, openvidu, peer, s3, smtp, webpush
from adapters.celery.settings import RedisOptions
from adapters.jose.settings import TokenOptions
from adapters.mongo.settings import MongoOptions
from adapters.oauth.settings import GitHubOptions, GoogleOptions, OpenIdOptions
from adapters.otlp.settings import OtlpOptions
from adapters.prometheus.settings import MetricsOptions
from adapters.system.settings import BcryptOptions
from ports.adapters import AdapterOffer, PortName
from ports.settings import WrongSetting

Offers = Sequence[AdapterOffer[Any, Any]]

OFF = "off"
"""The choice of no adapter."""
BUILT_IN: Offers = (
    cashfree.OFFER,
    cashfree.PAYOUT_OFFER,
    smtp.OFFER,
    mailjet.OFFER,
    disk.OFFER,
    s3.OFFER,
    webpush.OFFER,
    clamd.OFFER,
    peer.OFFER,
    openvidu.OFFER,
)
"""Adapters one of which is chosen for a port; plugins offer further ones."""
RESERVED: dict[PortName, tuple[str, ...]] = {
    "payouts": (OFF,),
    "push": (OFF,),
    "virus_scan": (OFF,),
}
"""Names without an adapter: accepted, and without effect."""
ALWAYS: tuple[type[BaseModel], ...] = (
    MongoOptions,
    RedisOptions,
    BcryptOptions,
    TokenOptions,
    GoogleOptions,
    GitHubOptions,
    OpenIdOptions,
    MetricsOptions,
    OtlpOptions,
)
"""Sections of adapters nobody chooses by name."""


def built_in_names(port: PortName) -> tuple[str, ...]:
    """What can be chosen for `port` without plugins."""
    return (*names_of(BUILT_IN, port), *RESERVED.get(port, ()))


def built_in_sections() -> tuple[type[BaseModel], ...]:
    """The section of every built-in adapter."""
    return (*ALWAYS, *(offer.settings for offer in BUILT_IN))


def names_of(offers: Offers, port: PortName) -> tuple[str, ...]:
    return tuple(offer.name for offer in offers if offer.port == port)


def selected(offers: Offers, port: PortName, name: str) -> AdapterOffer[Any, Any]:
    """The offer of that name. Raises `WrongSetting`."""
    for offer in offers:
        if (offer.port, offer.name) == (port, name):
            return offer
    raise unknown_adapter(port, name, names_of(offers, port))


def unknown_adapter(port: PortName, name: str, known: Iterable[str]) -> WrongSetting:
    names = ", ".join(sorted(known))
    return WrongSetting(f"ONEHOUR_{port.upper()} is {name}; choose one of {names}.")
