"""How many connections each of several web processes has open, in memory that they share."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

PLACE_BYTES = 8
"""Of one process: its connections plus one, 0 while it does not serve; then its looks. Each process
writes only its own place, and each number is one aligned word."""
LARGEST = 2**32


@dataclass(frozen=True, slots=True)
class Rival:
    """Another process that serves. `looks` grows whenever it looks whether connections wait."""

    place: int
    connections: int
    looks: int


def new_shares(processes: int) -> IO[bytes]:
    """The file of so many processes, none of which serves. Its descriptor is given to each."""
    file = TemporaryFile()  # noqa: SIM115 - closed by the caller
    file.truncate(processes * PLACE_BYTES)
    return file


class Shares:
    """As the process in the place `mine` sees them, counted from 0. A process that is started in
    the place of one that has ended does not serve at first."""

    def __init__(self, descriptor: int, mine: int) -> None:
        self._numbers = memoryview(mmap.mmap(descriptor, 0)).cast("I")
        self._mine = mine
        self.leave()

    def serve(self, connections: int) -> None:
        """This process accepts connections, and has so many open."""
        self._numbers[2 * self._mine] = connections + 1

    def leave(self) -> None:
        """This process accepts no more, so that others do not wait for it."""
        self._numbers[2 * self._mine] = 0

    def look(self) -> None:
        """This process runs, and looks whether connections wait."""
        at = 2 * self._mine + 1
        self._numbers[at] = (self._numbers[at] + 1) % LARGEST

    def rivals(self) -> list[Rival]:
        """The other processes that serve."""
        return [
            Rival(place, self._numbers[2 * place] - 1, self._numbers[2 * place + 1])
            for place in range(len(self._numbers) // 2)
            if place != self._mine and self._numbers[2 * place]
        ]
