"""What every bell promises: inherit `NotifierContract`, provide `tower`."""

from __future__ import annotations

from abc import ABC, abstractmethod

from ports.scheduling import Notifier


class Tower(ABC):
    """A bell, and who hears it."""

    notifier: Notifier

    @abstractmethod
    async def heard(self, count: int) -> set[str]:
        """The ids rung for so far, once there are `count`."""

    @abstractmethod
    async def silence(self) -> None:
        """From now on nobody hears it."""


class NotifierContract:
    async def test_every_id_is_rung_for(self, tower: Tower) -> None:
        ids = [f"thing:{number}" for number in range(100)]
        await tower.notifier.wake_up(ids)
        assert await tower.heard(100) == set(ids)

    async def test_ringing_for_nothing_is_nothing(self, tower: Tower) -> None:
        await tower.notifier.wake_up([])
        assert await tower.heard(0) == set()

    async def test_a_broken_bell_disturbs_nobody(self, tower: Tower) -> None:
        await tower.silence()
        for _ in range(3):
            await tower.notifier.wake_up(["thing:1"])
