"""What our checkout page needs to open Cashfree's payment page."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from ports.payments import Checkout

SDK = "https://sdk.cashfree.com/js/v3/cashfree.js"
MODULE = Path(__file__).parent / "static" / "checkout.js"
ORIGINS = (
    "https://sdk.cashfree.com https://api.cashfree.com https://sandbox.cashfree.com "
    "https://payments.cashfree.com https://payments-test.cashfree.com"
)
"""Origins of Cashfree's requests, frames and payment pages."""


def checkout(*, script: str, mode: str, site: str, plain: str | None = None) -> Checkout:
    """`script` is the URL of Cashfree's browser script, `site` that of our site, `mode` is
    Cashfree's (`sandbox` or `production`). A script of our own site, as the simulator serves it,
    needs no further origins."""
    origin = "{0.scheme}://{0.netloc}".format(urlsplit(script))
    ours = origin in ("://", site)
    sources = {
        "script-src": origin, "connect-src": ORIGINS, "frame-src": ORIGINS, "form-action": ORIGINS
    }  # fmt: skip
    return Checkout(
        module=MODULE,
        parameters={"script": script, "mode": mode},
        sources={} if ours else sources,
        plain=plain,
    )
