"""The adapter keeps the contract of payment gateways."""

from __future__ import annotations

import pytest
from world import World

from onehour.testing.payments import GatewaySetup, PaymentGatewayContract


class TestRazorpayGateway(PaymentGatewayContract):
    @pytest.fixture
    def gateway_setup(self, world: World) -> GatewaySetup:
        return world
