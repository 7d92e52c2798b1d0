"""The world of each test."""

from __future__ import annotations

import pytest

from tests.plugins.feedback.world import World, new_world


@pytest.fixture
async def world() -> World:
    return await new_world()
