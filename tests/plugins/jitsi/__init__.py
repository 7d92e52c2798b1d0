"""A plugin with a video provider that gives a link: calls at a Jitsi server with token
authentication. ONEHOUR_VIDEO=jitsi chooses it."""

from __future__ import annotations

from typing import Any

from onehour.api import AdapterOffer, implements
from tests.plugins.jitsi.video import OFFER


class Jitsi:
    @implements
    def onehour_adapters(self) -> list[AdapterOffer[Any, Any]]:
        return [OFFER]
