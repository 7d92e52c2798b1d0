"""What every bell promises: inherit `WakerContract`, provide `tower`."""

from __future__ import annotations

from abc import ABC, abstractmethod

from ports.scheduling import Waker


class Tower(ABC):
    """A bell, and who hears it."""

    waker: Waker

    @abstractmethod
    async def heard(self, count: int) -> set[str]:
        """The ids rung for so far, once there are `count`."""

    @abstractmethod
    async def silence(self) -> None:
        """From now on nobody hears it."""


class WakerContract:
    async def test_every_id_is_rung_for(self, tower: Tower) -> None:
        ids = [f"thing:{number}" for number in range(100)]
        await tower.waker.wake(ids)
        assert await tower.heard(100) == set(ids)

    async def test_ringing_for_nothing_is_nothing(self, tower: Tower) -> None:
        await tower.waker.wake([])
        assert await tower.heard(0) == set()

    async def test_a_broken_bell_disturbs_nobody(self, tower: Tower) -> None:
        await tower.silence()
        for _ in range(3):
            await tower.waker.wake(["thing:1"])
