"""The world of each test."""

from __future__ import annotations

import pytest

from onehour.testing.patience import patience
from tests.plugins.feedback.world import World, new_world

__all__ = ["patience", "world"]


@pytest.fixture
async def world() -> World:
    return await new_world()
