"""The offer of calls through OpenVidu 3 or LiveKit: ONEHOUR_VIDEO=openvidu."""

from __future__ import annotations

from adapters.openvidu.settings import OpenViduOptions, api_url_of
from ports.adapters import AdapterOffer, Resources
from ports.settings import WrongSetting
from ports.video import VideoProvider


def _build(options: OpenViduOptions, resources: Resources) -> VideoProvider:
    from adapters.openvidu.provider import OpenViduVideo
    from adapters.openvidu.room_service import RoomService
    from adapters.openvidu.tokens import Tokens

    url, key, secret = options.url, options.key, options.secret
    if not url or not key or not secret:
        missing = "URL" if not url else "SECRET" if key else "KEY"
        raise WrongSetting(
            f"ONEHOUR_OPENVIDU_{missing} is missing: OpenVidu needs its URL, the API key and the"
            " API secret."
        )
    tokens = Tokens(key, secret)
    api = RoomService(resources.http, options.api_url or api_url_of(url), tokens, resources.clock)
    return OpenViduVideo(url, api, tokens, resources.clock)


OFFER = AdapterOffer(
    port="video",
    name="openvidu",
    settings=OpenViduOptions,
    build=_build,
    configured=lambda options: bool(options.url and options.key and options.secret),
)
