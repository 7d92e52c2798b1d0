"""Builds the adapters that the settings choose by name."""

from __future__ import annotations

import hmac
from collections.abc import Mapping

from onehour.adapters import BUILT_IN, OFF, Offers, names_of, selected, unknown_adapter
from onehour.settings import Settings
from ports.adapters import Resources
from ports.mail import Mailer
from ports.payments import PaymentGateway
from ports.payouts import PayoutProvider
from ports.push import Pusher
from ports.storage import Storage
from ports.video import VideoProvider
from ports.virus_scan import VirusScanner


def gateways(
    settings: Settings, resources: Resources, offers: Offers = BUILT_IN
) -> Mapping[str, PaymentGateway]:
    """All that can be reached, not the chosen one alone: payments made with another before
    ONEHOUR_PAYMENTS was changed are still settled and refunded."""
    found: dict[str, PaymentGateway] = {}
    for offer in (offer for offer in offers if offer.port == "payments"):
        if offer.name == settings.payments:
            found[offer.name] = offer.build(settings.section_in_use(offer.settings), resources)
        elif offer.configured(settings.section(offer.settings)):
            found[offer.name] = offer.build(settings.section(offer.settings), resources)
    if settings.payments not in found:
        known = {*names_of(offers, "payments"), *found}
        raise unknown_adapter("payments", settings.payments, known)
    return found


def payouts(
    settings: Settings, resources: Resources, offers: Offers = BUILT_IN
) -> Mapping[str, PayoutProvider]:
    """All that can be reached, as for payments. None where nobody can withdraw, unless money is
    still on its way by a provider that is configured."""
    found: dict[str, PayoutProvider] = {}
    for offer in (offer for offer in offers if offer.port == "payouts"):
        if offer.name == settings.payouts:
            found[offer.name] = offer.build(settings.section_in_use(offer.settings), resources)
        elif offer.configured(settings.section(offer.settings)):
            found[offer.name] = offer.build(settings.section(offer.settings), resources)
    if settings.payouts not in (OFF, *found):
        raise unknown_adapter("payouts", settings.payouts, {*names_of(offers, "payouts"), *found})
    return found


def mailer(settings: Settings, resources: Resources, offers: Offers = BUILT_IN) -> Mailer:
    offer = selected(offers, "mail", settings.mail)
    made: Mailer = offer.build(settings.section_in_use(offer.settings), resources)
    return made


def pusher(settings: Settings, resources: Resources, offers: Offers = BUILT_IN) -> Pusher | None:
    """None where no messages are sent to browsers."""
    if settings.push == OFF:
        return None
    offer = selected(offers, "push", settings.push)
    made: Pusher = offer.build(settings.section_in_use(offer.settings), resources)
    return made


def storage(settings: Settings, resources: Resources, offers: Offers = BUILT_IN) -> Storage:
    offer = selected(offers, "storage", settings.storage)
    made: Storage = offer.build(settings.section_in_use(offer.settings), resources)
    return made


def virus_scanner(
    settings: Settings, resources: Resources, offers: Offers = BUILT_IN
) -> VirusScanner | None:
    """None where files are not scanned."""
    if settings.virus_scan == OFF:
        return None
    offer = selected(offers, "virus_scan", settings.virus_scan)
    made: VirusScanner = offer.build(settings.section_in_use(offer.settings), resources)
    return made


def video(settings: Settings, resources: Resources, offers: Offers = BUILT_IN) -> VideoProvider:
    offer = selected(offers, "video", settings.video)
    made: VideoProvider = offer.build(settings.section_in_use(offer.settings), resources)
    return made


def link_secret(settings: Settings) -> bytes:
    """A key of its own, so that nothing else signed with the secret key is taken for a link."""
    return hmac.digest(settings.secret_key.encode(), b"links to files", "sha256")


def return_secret(settings: Settings) -> bytes:
    """A key of its own. The lasting key is not changed with the secret key."""
    return hmac.digest(settings.lasting_key.encode(), b"return paths of mails", "sha256")
