"""The offer of calls from browser to browser: ONEHOUR_VIDEO=peer."""

from __future__ import annotations

from adapters.peer.settings import PeerOptions
from ports.adapters import AdapterOffer, Resources
from ports.video import VideoProvider


def _build(options: PeerOptions, resources: Resources) -> VideoProvider:
    from adapters.peer.provider import PeerVideo

    return PeerVideo(
        stun_urls=options.stun_urls,
        turn_urls=options.turn_urls,
        turn_secret=options.turn_secret.encode(),
    )


OFFER = AdapterOffer(
    port="video",
    name="peer",
    settings=PeerOptions,
    build=_build,
    configured=lambda options: True,
)
