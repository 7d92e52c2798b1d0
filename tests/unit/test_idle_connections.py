"""Connections to the database that were not used for a while."""

from __future__ import annotations

from typing import Any

import pytest
from secantus.server import DEFAULT_CLIENT_IDLE_TIMEOUT_S

from adapters.mongo.connection import Driver, close_client
from onehour.container import mongo_client


@pytest.mark.parametrize("driver", Driver)
async def test_they_are_given_up_before_the_embedded_server_closes_them(driver: Driver) -> None:
    """Otherwise the first request after a pause of five minutes would fail."""
    client = mongo_client("mongodb://127.0.0.1:1", driver)

    options: Any = client.options
    idle_s = options.pool_options.max_idle_time_seconds

    assert 0 < idle_s <= DEFAULT_CLIENT_IDLE_TIMEOUT_S / 2
    await close_client(client)
