"""Fixtures of the pages of chats."""

from __future__ import annotations

import pytest

from tests.web.chats.talk import Talk, two_people


@pytest.fixture
async def talk() -> Talk:
    return await two_people()
