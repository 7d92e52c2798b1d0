"""The offer of Web Push: ONEHOUR_PUSH=webpush."""

from __future__ import annotations

from email.utils import parseaddr

from adapters.webpush.settings import NO_KEY, WebPushOptions
from ports.adapters import AdapterOffer, Resources
from ports.push import Pusher
from ports.settings import WrongSetting


def _build(options: WebPushOptions, resources: Resources) -> Pusher:
    from adapters.webpush.pusher import WebPusher, private_key

    if not options.private_key:
        raise WrongSetting(NO_KEY)
    try:
        key = private_key(options.private_key)
    except ValueError as error:
        raise WrongSetting(
            "ONEHOUR_WEBPUSH_PRIVATE_KEY must be a key as `onehour push-key` prints it."
        ) from error
    contact = f"mailto:{parseaddr(resources.deployment.mail_from)[1]}"
    return WebPusher(resources.http, resources.clock, key, contact)


OFFER = AdapterOffer(
    port="push",
    name="webpush",
    settings=WebPushOptions,
    build=_build,
    configured=lambda options: bool(options.private_key),
)
