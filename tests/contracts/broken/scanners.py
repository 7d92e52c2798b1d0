"""Virus scanners that each break one promise."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from adapters.memory.virus_scan import EICAR, MemoryScanner
from ports.virus_scan import TooLargeToScan, VirusScanUnavailable
from tests.contracts.broken.suite import breaks

LIKE_AN_ANSWER = b"stream: Eicar FOUND"


@breaks("a_file_over_the_limit_is_not_clean")
class LargeIsClean(MemoryScanner):
    async def scan(self, path: Path) -> str | None:
        try:
            return await super().scan(path)
        except TooLargeToScan:
            return None


@breaks("without_an_answer_no_file_is_clean")
class CleanWithoutAnAnswer(MemoryScanner):
    async def scan(self, path: Path) -> str | None:
        try:
            return await super().scan(path)
        except VirusScanUnavailable:
            return None


@breaks("the_loop_goes_on_during_a_scan")
class BlocksTheLoop(MemoryScanner):
    async def scan(self, path: Path) -> str | None:
        content = path.read_bytes()  # noqa: ASYNC240 - that is what is wrong
        if self.down:
            raise VirusScanUnavailable
        if len(content) > self.size_maximum:
            raise TooLargeToScan
        return "Eicar-Test-Signature" if EICAR in content else None


@breaks("the_file_stays_as_it_was")
class LeavesAReport(MemoryScanner):
    async def scan(self, path: Path) -> str | None:
        found = await super().scan(path)
        path.with_name("report").write_text(found or "clean")
        return found


@breaks("a_finding_says_nothing_about_the_next_file")
class KeepsTheFinding(MemoryScanner):
    """For the next file, if that is another one and alone."""

    last: tuple[Path, str | None] | None = None
    busy = 0
    crowded = False

    async def scan(self, path: Path) -> str | None:
        self.busy += 1
        self.crowded = self.crowded or self.busy > 1
        found = await super().scan(path)
        is_alone = not self.crowded
        self.busy -= 1
        self.crowded = self.crowded and self.busy > 0
        kept = self.last[1] if self.last and self.last[0] != path and is_alone else None
        self.last = path, found
        return found or kept


@breaks("a_file_is_scanned_each_time")
class RemembersPaths(MemoryScanner):
    def __init__(self, *, size_maximum: int) -> None:
        super().__init__(size_maximum=size_maximum)
        self.known: dict[tuple[Path, int], str | None] = {}

    async def scan(self, path: Path) -> str | None:
        key = path, await asyncio.to_thread(os.path.getsize, path)
        if key not in self.known:
            self.known[key] = await super().scan(path)
        if self.down:
            raise VirusScanUnavailable
        return self.known[key]


@breaks("the_name_of_a_file_is_no_command")
class NamesAsWords(MemoryScanner):
    async def scan(self, path: Path) -> str | None:
        return await super().scan(Path(str(path).split()[0]))


@breaks("a_text_like_an_answer_is_no_answer")
class ReadsTheFileAsAnAnswer(MemoryScanner):
    async def scan(self, path: Path) -> str | None:
        found = await super().scan(path)
        is_one = (await asyncio.to_thread(path.read_bytes)).startswith(LIKE_AN_ANSWER)
        return "Eicar" if is_one else found


@breaks("after_a_file_over_the_limit_the_next_is_scanned")
class EndsAfterThreeLargeFiles(MemoryScanner):
    large = 0

    async def scan(self, path: Path) -> str | None:
        if self.large == 3:
            raise VirusScanUnavailable
        try:
            return await super().scan(path)
        except TooLargeToScan:
            self.large += 1
            raise


@breaks("a_scan_that_was_given_up_harms_no_other")
class KeepsItsPlaces(MemoryScanner):
    places = 12

    async def scan(self, path: Path) -> str | None:
        if not self.places:
            raise VirusScanUnavailable
        self.places -= 1
        found = await super().scan(path)
        self.places += 1
        return found


@breaks("several_files_at_once")
class TenFilesAtATime(MemoryScanner):
    busy = 0

    async def scan(self, path: Path) -> str | None:
        if self.busy > 10:
            raise VirusScanUnavailable
        self.busy += 1
        try:
            return await super().scan(path)
        finally:
            self.busy -= 1


@breaks("the_test_file_is_found")
class NamesWithControls(MemoryScanner):
    async def scan(self, path: Path) -> str | None:
        found = await super().scan(path)
        return f"{found}\x1b[2J" if found else None


@breaks("an_error_does_not_name_the_file")
class ErrorsWithThePath(MemoryScanner):
    async def scan(self, path: Path) -> str | None:
        try:
            return await super().scan(path)
        except VirusScanUnavailable:
            raise VirusScanUnavailable(f"{path} cannot be scanned.") from None


@breaks("a_clean_file_has_no_finding")
class EmptyIsSuspicious(MemoryScanner):
    async def scan(self, path: Path) -> str | None:
        found = await super().scan(path)
        return found if await asyncio.to_thread(os.path.getsize, path) else "Empty"
