"""Pictures made by Pillow keep the contract."""

from __future__ import annotations

import resource

import pytest

from adapters.pillow.pictures import PillowPictures
from onehour.testing import pictures_samples as samples
from onehour.testing.pictures import PicturesContract
from ports.pictures import PictureRefused


class TestPillowPictures(PicturesContract):
    @pytest.fixture
    def pictures(self) -> PillowPictures:
        return PillowPictures()

    async def test_a_bomb_takes_no_memory(self, pictures: PillowPictures) -> None:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

        for bomb in (samples.png_header(50_000, 50_000), samples.webp_header(16_383, 16_383)):
            with pytest.raises(PictureRefused):
                await pictures.avatar(bomb)

        grown_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
        assert grown_kib < 50_000
