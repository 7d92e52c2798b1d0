"""The offer of Cashfree Payouts: ONEHOUR_PAYOUTS=cashfree."""

from __future__ import annotations

from pathlib import Path

from adapters.cashfree.offer import NAME
from adapters.cashfree.payout_settings import CashfreePayoutOptions, CashfreePayoutSettings
from adapters.cashfree.payout_signature import public_key
from ports.adapters import AdapterOffer, LocalServer, LocalServerOffer, Resources
from ports.payouts import PayoutProvider
from ports.settings import Deployment

SIMULATOR_PATH = "/simulator/cashfree-payouts"


def _configured(options: CashfreePayoutOptions) -> bool:
    return options.base_url is not None


def _build(options: CashfreePayoutOptions, resources: Resources) -> PayoutProvider:
    from adapters.cashfree.payouts import CashfreePayouts

    settings = payout_settings(options, resources.deployment)
    return CashfreePayouts(resources.http, settings, resources.clock, resources.telemetry)


def payout_settings(
    options: CashfreePayoutOptions, deployment: Deployment
) -> CashfreePayoutSettings:
    """The operator's account, or the simulator on this machine."""
    (client_id, client_secret), key_file = options.keys, options.public_key
    local = f"{deployment.own_url}{SIMULATOR_PATH}/payout"
    return CashfreePayoutSettings(
        options.base_url or local,
        client_id,
        client_secret,
        balance_url=options.balance_url or ("" if options.base_url else f"{local}/v1"),
        public_key=public_key(Path(key_file).read_bytes()) if key_file else None,
    )


def _local_server(options: CashfreePayoutOptions, deployment: Deployment) -> LocalServer:
    from adapters.cashfree.local_server import LocalPayouts
    from adapters.cashfree.simulator import SimulatorSettings

    client_id, client_secret = options.keys
    settings = SimulatorSettings(
        database=deployment.data_dir / "payouts-simulator.sqlite3",
        public_url=f"{deployment.base_url}{SIMULATOR_PATH}",
        client_id=client_id,
        client_secret=client_secret,
        notify_url=f"{deployment.own_url}{deployment.payout_webhook_path}/{NAME}",
        chaos=options.chaos,
    )
    return LocalPayouts(SIMULATOR_PATH, settings)


PAYOUT_OFFER = AdapterOffer(
    port="payouts",
    name=NAME,
    settings=CashfreePayoutOptions,
    build=_build,
    configured=_configured,
    local_server=LocalServerOffer(
        build=_local_server, replaced_by="ONEHOUR_CASHFREE_PAYOUTS_BASE_URL"
    ),
)
