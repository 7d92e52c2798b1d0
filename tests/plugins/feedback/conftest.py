"""The world of each test."""

from __future__ import annotations

import pytest

from tests.plugins.feedback.world import World, new_world
from tests.plugins.patience import patience

__all__ = ["patience", "world"]


@pytest.fixture
async def world() -> World:
    return await new_world()
