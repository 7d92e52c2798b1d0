"""The shared texts of Yrs keep the promises of the port."""

from __future__ import annotations

import pytest

from adapters.yrs import YrsTexts
from onehour.testing.shared_texts import SharedTextsContract
from ports.shared_texts import SharedTexts


class TestYrsTexts(SharedTextsContract):
    @pytest.fixture
    def texts(self) -> SharedTexts:
        return YrsTexts()
