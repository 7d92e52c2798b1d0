"""Every stored kind is read as it was written, field by field and type by type."""

from __future__ import annotations

import pytest

from onehour.testing.samples import Sample, all_samples
from ports.store import Repositories, Store


class KindsContract:
    """Runs on the samples of every capability, also of those added later."""

    @pytest.mark.parametrize("sample", all_samples(), ids=lambda sample: sample.collection)
    async def test_a_sample_comes_back_as_it_was_written(
        self, store: Store, sample: Sample
    ) -> None:
        await sample.write(store.repositories)

        read = await sample.read(store.repositories)

        assert (type(read), read) == (type(sample.expected), sample.expected)

    @pytest.mark.parametrize("sample", all_samples(), ids=lambda sample: sample.collection)
    async def test_a_sample_can_be_written_in_a_step(self, store: Store, sample: Sample) -> None:
        async def step(repositories: Repositories) -> None:
            await sample.write(repositories)

        await store.transact(step)

        assert await sample.read(store.repositories) == sample.expected
