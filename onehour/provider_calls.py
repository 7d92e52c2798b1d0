"""The HTTP client of all adapters that call providers."""

from __future__ import annotations

from typing import Any
from urllib.request import getproxies

import httpx

from onehour.provider_transport import ProviderTransport
from ports.telemetry import NO_TELEMETRY, Kind, Telemetry

OBSERVED_AS = "observed_as"
"""The extension of a request whose host people choose: one name for all of them, so that nobody
fills the metrics with names."""


class ObservedClient(httpx.AsyncClient):
    """Marks each call as an operation, by its host: paths contain ids, and queries more than that.
    The header `traceparent` is not sent, because no provider is told about our traces."""

    def __init__(self, telemetry: Telemetry = NO_TELEMETRY, **options: Any) -> None:
        if not getproxies():
            options.setdefault("transport", ProviderTransport())
        super().__init__(**options)
        self._telemetry = telemetry

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        """Send it, with the redirects that follow. What is streamed is read after the end of the
        operation."""
        host = str(request.extensions.get(OBSERVED_AS, request.url.host))
        with self._telemetry.operation(Kind.CALL, host) as call:
            call.describe(host=host, method=request.method)
            response = await super().send(request, **options)
            call.describe(status=response.status_code)
            call.outcome = f"{response.status_code // 100}xx"
            return response
