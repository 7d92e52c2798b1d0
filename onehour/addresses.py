"""Which address is used for what, when parts of the house talk to each other."""

from __future__ import annotations

from onehour.local.ports import reachable
from onehour.settings import Settings

SIMULATOR_PATH = "/simulator/cashfree"
CHECKOUT_PATH = "/checkout/cashfree"
WEBHOOK_PATH = "/api/v1/webhooks/payments/cashfree"
SDK = "https://sdk.cashfree.com/js/v3/cashfree.js"


def simulated(settings: Settings) -> bool:
    """Without an address of the real one, Cashfree is our own simulator."""
    return settings.payments == "cashfree" and settings.cashfree_base_url is None


def own_address(settings: Settings) -> str:
    """Where processes of this machine reach the web server."""
    return f"http://{reachable(settings.host)}:{settings.port}"


def gateway_url(settings: Settings) -> str:
    return settings.cashfree_base_url or f"{own_address(settings)}{SIMULATOR_PATH}/pg"


def simulator_url(settings: Settings) -> str:
    """Where browsers reach the simulator."""
    return f"{settings.base_url}{SIMULATOR_PATH}"


def notify_url(settings: Settings) -> str:
    """Where the provider's webhooks go. The simulator finds us at home."""
    base = own_address(settings) if simulated(settings) else settings.base_url
    return f"{base}{WEBHOOK_PATH}"


def checkout_base(settings: Settings) -> str:
    return f"{settings.base_url}{CHECKOUT_PATH}"


def sdk_url(settings: Settings) -> str:
    if settings.cashfree_sdk_url:
        return settings.cashfree_sdk_url
    return f"{simulator_url(settings)}/js/cashfree.js" if simulated(settings) else SDK
