"""The offer: how the adapter and its local server are made from the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from onehour.api import (
    AdapterOffer,
    Deployment,
    LocalGateway,
    LocalServerOffer,
    PaymentGateway,
    Resources,
)
from onehour_razorpay.options import PREFIX, RazorpayOptions

if TYPE_CHECKING:
    from onehour_razorpay.server.settings import ServerSettings

NAME = "razorpay"
SERVER_PATH = "/simulator/razorpay"


def _configured(options: RazorpayOptions) -> bool:
    return bool(options.key_id)


def _build(options: RazorpayOptions, resources: Resources) -> PaymentGateway:
    """The gateway, for the operator's account or for the server on this machine."""
    from onehour_razorpay.gateway import RazorpayGateway
    from onehour_razorpay.wire import Account

    if options.key_id:
        secrets = (options.webhook_secret, options.previous_webhook_secret)
        account = Account(options.base_url, options.key_id, options.key_secret, secrets)
    else:
        server = server_settings(options, resources.deployment)
        base_url = f"{resources.deployment.own_url}{SERVER_PATH}"
        account = Account(base_url, server.key_id, server.key_secret, (server.webhook_secret,))
    return RazorpayGateway(resources.http, account)


def server_settings(options: RazorpayOptions, deployment: Deployment) -> ServerSettings:
    """The settings of the server on this machine, whose database is in the data directory."""
    from onehour_razorpay.server.settings import ServerSettings

    return ServerSettings(
        database=deployment.data_dir / "razorpay.sqlite3",
        public_url=f"{deployment.base_url}{SERVER_PATH}",
        webhook_url=f"{deployment.own_url}{deployment.webhook_path}/{NAME}",
    )


def _local_server(options: RazorpayOptions, deployment: Deployment) -> LocalGateway:
    from onehour_razorpay.server import LocalRazorpay

    return LocalRazorpay(SERVER_PATH, server_settings(options, deployment))


OFFER = AdapterOffer(
    port="payments",
    name=NAME,
    settings=RazorpayOptions,
    build=_build,
    configured=_configured,
    local_server=LocalServerOffer(build=_local_server, replaced_by=f"{PREFIX}KEY_ID"),
)
