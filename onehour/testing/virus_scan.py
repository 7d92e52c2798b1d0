"""The contract of every `ports.virus_scan.VirusScanner`; authors inherit `VirusScannerContract`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol

import pytest

from onehour.testing.suite import Contract, shown_by, since
from ports.virus_scan import (
    FINDING_MAXIMUM,
    TooLargeToScan,
    VirusScanner,
    VirusScanUnavailable,
)

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file of all virus scanners, which is harmless (https://www.eicar.org)."""


ANSWERS = (b"stream: OK\0", b"stream: Eicar FOUND\0", b"\0\0\0\0zINSTREAM\0", b"\xff" * 300)
"""Parts of protocols of scanners."""


class ScannerSetup(Protocol):
    """The scanner under test. `size_maximum` is the largest file it takes, in bytes."""

    @property
    def scanner(self) -> VirusScanner: ...

    @property
    def size_maximum(self) -> int: ...

    async def stop(self) -> None:
        """From now on the scanner does not answer."""
        ...

    async def close(self) -> None: ...


class VirusScannerContract(Contract):
    """Inherit this and define the fixture `setup`."""

    port = "virus_scan"

    @pytest.fixture
    async def setup(self) -> AsyncIterator[ScannerSetup]:
        raise NotImplementedError
        yield

    async def test_a_clean_file_has_no_finding(self, setup: ScannerSetup, tmp_path: Path) -> None:
        assert await setup.scanner.scan(written(tmp_path, b"clean" * 1_000)) is None
        assert await setup.scanner.scan(written(tmp_path, b"")) is None

    async def test_the_test_file_is_found(self, setup: ScannerSetup, tmp_path: Path) -> None:
        finding = await setup.scanner.scan(written(tmp_path, EICAR))

        assert finding and len(finding) <= FINDING_MAXIMUM
        assert finding.isprintable()

    async def test_several_files_at_once(self, setup: ScannerSetup, tmp_path: Path) -> None:
        paths = [written(tmp_path, EICAR if n % 3 else b"clean", str(n)) for n in range(12)]

        found = await asyncio.gather(*map(setup.scanner.scan, paths))

        assert [bool(finding) for finding in found] == [bool(n % 3) for n in range(12)]

    async def test_a_file_over_the_limit_is_not_clean(
        self, setup: ScannerSetup, tmp_path: Path
    ) -> None:
        whole = await setup.scanner.scan(written(tmp_path, bytes(setup.size_maximum)))

        with pytest.raises(TooLargeToScan):
            await setup.scanner.scan(written(tmp_path, bytes(setup.size_maximum + 1)))

        assert whole is None

    @since(2)
    async def test_the_loop_goes_on_during_a_scan(
        self, setup: ScannerSetup, tmp_path: Path
    ) -> None:
        path, turns = written(tmp_path, bytes(setup.size_maximum)), 0
        scan = asyncio.ensure_future(setup.scanner.scan(path))

        while not scan.done():
            turns += 1
            await asyncio.sleep(0)

        assert turns > 1

    @since(2)
    @pytest.mark.parametrize("content", [b"clean", EICAR])
    async def test_the_file_stays_as_it_was(
        self, setup: ScannerSetup, tmp_path: Path, content: bytes
    ) -> None:
        path = written(tmp_path, content)

        await setup.scanner.scan(path)

        assert path.read_bytes() == content
        assert os.listdir(tmp_path) == [path.name]

    @since(2)
    async def test_a_finding_says_nothing_about_the_next_file(
        self, setup: ScannerSetup, tmp_path: Path
    ) -> None:
        bad, good = written(tmp_path, EICAR), written(tmp_path, b"clean", "good")

        found = [await setup.scanner.scan(path) for path in (bad, good, bad, good)]

        assert (bool(found[0]), found[1], found[2], found[3]) == (True, None, found[0], None)

    @since(2)
    async def test_a_file_is_scanned_each_time(self, setup: ScannerSetup, tmp_path: Path) -> None:
        """What a path had earlier says nothing: paths are used again."""
        before = await setup.scanner.scan(written(tmp_path, b"x" * len(EICAR)))

        after = await setup.scanner.scan(written(tmp_path, EICAR))

        assert before is None
        assert after

    @since(2)
    @pytest.mark.parametrize(
        "name", ["with space", "line\nbreak", "-option", "Größe; echo $HOME", "%s%n", "'\""]
    )
    async def test_the_name_of_a_file_is_no_command(
        self, setup: ScannerSetup, tmp_path: Path, name: str
    ) -> None:
        assert await setup.scanner.scan(written(tmp_path, EICAR, name))
        assert await setup.scanner.scan(written(tmp_path, b"clean", name)) is None

    @since(2)
    @pytest.mark.parametrize("text", ANSWERS)
    async def test_a_text_like_an_answer_is_no_answer(
        self, setup: ScannerSetup, tmp_path: Path, text: bytes
    ) -> None:
        assert await setup.scanner.scan(written(tmp_path, text)) is None

    @since(2)
    async def test_after_a_file_over_the_limit_the_next_is_scanned(
        self, setup: ScannerSetup, tmp_path: Path
    ) -> None:
        large = written(tmp_path, EICAR + bytes(setup.size_maximum), "large")

        for _ in range(3):
            with suppress(TooLargeToScan):
                await setup.scanner.scan(large)

        assert await setup.scanner.scan(written(tmp_path, EICAR))

    @since(2)
    async def test_a_scan_that_was_given_up_harms_no_other(
        self, setup: ScannerSetup, tmp_path: Path
    ) -> None:
        path = written(tmp_path, bytes(setup.size_maximum))
        scans = [asyncio.ensure_future(setup.scanner.scan(path)) for _ in range(12)]
        await asyncio.sleep(0)

        for scan in scans:
            scan.cancel()
        await asyncio.gather(*scans, return_exceptions=True)

        assert await setup.scanner.scan(written(tmp_path, EICAR))

    @since(2)
    async def test_an_error_does_not_name_the_file(
        self, setup: ScannerSetup, tmp_path: Path
    ) -> None:
        """People read it."""
        large = written(tmp_path, bytes(setup.size_maximum + 1), "large")

        shown = await shown_by(setup.scanner.scan(large))
        await setup.stop()
        shown += await shown_by(setup.scanner.scan(written(tmp_path, b"clean")))

        assert str(tmp_path) not in shown

    async def test_without_an_answer_no_file_is_clean(
        self, setup: ScannerSetup, tmp_path: Path
    ) -> None:
        await setup.stop()

        with pytest.raises(VirusScanUnavailable):
            await setup.scanner.scan(written(tmp_path, b"clean"))


def written(folder: Path, content: bytes, name: str = "file") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path
