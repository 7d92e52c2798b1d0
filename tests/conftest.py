"""Fixtures every test can ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

pytest.register_assert_rewrite("onehour.testing")

from tests.app import MemoryApp  # noqa: E402 - after the assert rewriting is set up


@pytest.fixture
async def app() -> AsyncIterator[MemoryApp]:
    """A house on memory adapters; whatever a story did, its books must balance at the end."""
    built = MemoryApp()
    yield built
    await built.assert_ledger_balances()
