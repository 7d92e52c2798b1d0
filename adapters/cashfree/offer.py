"""The offer of the Cashfree adapter: ONEHOUR_PAYMENTS=cashfree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.cashfree.settings import CashfreeOptions, CashfreeSettings
from ports.adapters import AdapterOffer, LocalServerOffer, Resources
from ports.payments import LocalGateway, PaymentGateway
from ports.settings import Deployment

if TYPE_CHECKING:
    from adapters.cashfree.simulator import SimulatorSettings

NAME = "cashfree"
SIMULATOR_PATH = "/simulator/cashfree"


def _configured(options: CashfreeOptions) -> bool:
    return options.base_url is not None


def _build(options: CashfreeOptions, resources: Resources) -> PaymentGateway:
    from adapters.cashfree.gateway import CashfreeGateway

    settings = gateway_settings(options, resources.deployment)
    return CashfreeGateway(resources.http, settings, resources.clock, resources.telemetry)


def gateway_settings(options: CashfreeOptions, deployment: Deployment) -> CashfreeSettings:
    """The settings of the gateway: the operator's account, or the simulator on this machine."""
    from adapters.cashfree.checkout import SDK, checkout

    simulator = f"{deployment.base_url}{SIMULATOR_PATH}"
    real = _configured(options)
    client_id, client_secret = options.keys
    return CashfreeSettings(
        base_url=options.base_url or f"{deployment.own_url}{SIMULATOR_PATH}/pg",
        client_id=client_id,
        client_secret=client_secret,
        api_version=options.api_version,
        checkout_base=f"{deployment.base_url}{deployment.checkout_path}/{NAME}",
        notify_url=_notify_url(options, deployment),
        checkout=checkout(
            script=options.sdk_url or (SDK if real else f"{simulator}/js/cashfree.js"),
            mode=options.mode,
            site=deployment.base_url,
            plain=None if real else f"{simulator}/checkout",
        ),
    )


def simulator_settings(options: CashfreeOptions, deployment: Deployment) -> SimulatorSettings:
    """The settings of the simulator, whose database is in the data directory."""
    from adapters.cashfree.simulator import SimulatorSettings

    client_id, client_secret = options.keys
    return SimulatorSettings(
        database=deployment.data_dir / "simulator.sqlite3",
        public_url=f"{deployment.base_url}{SIMULATOR_PATH}",
        client_id=client_id,
        client_secret=client_secret,
        notify_url=_notify_url(options, deployment),
        time_scale=options.time_scale,
        chaos=options.chaos,
    )


def _notify_url(options: CashfreeOptions, deployment: Deployment) -> str:
    """The URL of our webhook endpoint. The simulator on this machine uses the local address."""
    base = deployment.base_url if _configured(options) else deployment.own_url
    return f"{base}{deployment.webhook_path}/{NAME}"


def _local_server(options: CashfreeOptions, deployment: Deployment) -> LocalGateway:
    from adapters.cashfree.local_server import LocalCashfree

    return LocalCashfree(SIMULATOR_PATH, simulator_settings(options, deployment))


OFFER = AdapterOffer(
    port="payments",
    name=NAME,
    settings=CashfreeOptions,
    build=_build,
    configured=_configured,
    local_server=LocalServerOffer(build=_local_server, replaced_by="ONEHOUR_CASHFREE_BASE_URL"),
)
