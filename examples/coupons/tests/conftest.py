"""The application in memory with the plugin."""

from __future__ import annotations

import pytest
from coupon_world import World


@pytest.fixture
def world() -> World:
    return World.new()
