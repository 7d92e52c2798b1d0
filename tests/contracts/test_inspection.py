"""Files are inspected in child processes with limits."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.pillow.inspection.inspector import ChildInspector
from onehour.testing.inspection import InspectorContract


@pytest.fixture(scope="module")
async def inspector() -> AsyncIterator[ChildInspector]:
    """One for all tests, because its processes begin once."""
    made = ChildInspector()
    yield made
    await made.close()


class TestChildInspector(InspectorContract):
    @pytest.fixture
    def inspector(self, inspector: ChildInspector) -> ChildInspector:
        return inspector
