"""Virus scanners: in memory, and clamd by a server that speaks its protocol."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from adapters.clamd.scanner import ClamdScanner
from adapters.clamd.settings import ClamdOptions
from adapters.memory.virus_scan import MemoryScanner
from adapters.system.clock import SystemClock
from onehour.chosen import virus_scanner
from onehour.settings import Settings
from onehour.testing.virus_scan import EICAR, VirusScannerContract, written
from ports.adapters import Resources
from ports.settings import Deployment, WrongSetting
from ports.virus_scan import TooLargeToScan, VirusScanner, VirusScanUnavailable
from tests.contracts.clamd_server import ClamdServer

LIMIT = 1_000_000


@dataclass
class InMemory:
    scanner: MemoryScanner
    size_maximum: int = LIMIT

    async def stop(self) -> None:
        self.scanner.down = True

    async def close(self) -> None:
        self.scanner.down = True


@dataclass
class WithServer:
    scanner: ClamdScanner
    server: ClamdServer
    size_maximum: int = LIMIT

    async def stop(self) -> None:
        await self.server.stop()

    async def close(self) -> None:
        await self.server.stop()


class TestMemoryScanner(VirusScannerContract):
    @pytest.fixture
    async def setup(self) -> AsyncIterator[InMemory]:
        yield InMemory(MemoryScanner(size_maximum=LIMIT))


class TestClamdScanner(VirusScannerContract):
    @pytest.fixture
    async def setup(self) -> AsyncIterator[WithServer]:
        """The limit is that of the server."""
        server = ClamdServer(stream_maximum=LIMIT)
        url = await server.start()
        yield WithServer(ClamdScanner(url, timeout_s=10, size_maximum=10 * LIMIT), server)
        await server.stop()


@pytest.fixture
async def server() -> AsyncIterator[ClamdServer]:
    made = ClamdServer()
    yield made
    await made.stop()


async def test_a_file_goes_in_chunks_and_arrives_as_a_whole(
    server: ClamdServer, tmp_path: Path
) -> None:
    scanner = ClamdScanner(await server.start(), timeout_s=10, size_maximum=LIMIT)

    finding = await scanner.scan(written(tmp_path, bytes(700_000) + EICAR))

    assert finding == "Eicar-Test-Signature"
    assert server.received == [700_000 + len(EICAR)]


async def test_a_socket_of_this_machine(server: ClamdServer, tmp_path: Path) -> None:
    url = await server.start_at(str(tmp_path / "clamd.ctl"))

    scanner = ClamdScanner(url, timeout_s=10, size_maximum=LIMIT)

    assert await scanner.scan(written(tmp_path, EICAR)) == "Eicar-Test-Signature"


async def test_a_file_over_the_limit_of_the_setting_is_not_sent(
    server: ClamdServer, tmp_path: Path
) -> None:
    scanner = ClamdScanner(await server.start(), timeout_s=10, size_maximum=10)

    with pytest.raises(TooLargeToScan):
        await scanner.scan(written(tmp_path, b"clean clean"))

    assert server.received == []


@pytest.mark.parametrize(
    "answer",
    [
        b"INSTREAM: Can't allocate memory ERROR\0", b"stream: OK", b"stream: OKAY\0", b"\0", b"",
        b"x" * 10_000 + b"\0", b"stream: \xff\0", b"UNKNOWN COMMAND\0",
    ],
)  # fmt: skip
async def test_any_other_answer_is_an_error(
    server: ClamdServer, tmp_path: Path, answer: bytes
) -> None:
    server.answer = answer or b"\n"
    scanner = ClamdScanner(await server.start(), timeout_s=10, size_maximum=LIMIT)

    with pytest.raises(VirusScanUnavailable):
        await scanner.scan(written(tmp_path, b"clean"))


async def test_a_finding_has_no_control_characters_and_an_end(
    server: ClamdServer, tmp_path: Path
) -> None:
    server.answer = b"stream: Evil\x1b[2J" + b"x" * 1_000 + b" FOUND\0"
    scanner = ClamdScanner(await server.start(), timeout_s=10, size_maximum=LIMIT)

    finding = await scanner.scan(written(tmp_path, b"clean"))

    assert finding == ("Evil[2J" + "x" * 1_000)[:200]


async def test_a_scanner_that_does_not_answer_in_time_is_unavailable(
    server: ClamdServer, tmp_path: Path
) -> None:
    server.silent = True
    scanner = ClamdScanner(await server.start(), timeout_s=0.1, size_maximum=LIMIT)

    with pytest.raises(VirusScanUnavailable):
        await scanner.scan(written(tmp_path, b"clean"))


@pytest.mark.parametrize("url", ["tcp://a", "tcp://a:1", "tcp://[::1]:3310", "unix:///run/a.ctl"])
def test_addresses_of_scanners(url: str) -> None:
    assert ClamdOptions(url=url).url == url


@pytest.mark.parametrize("url", ["a:3310", "http://a", "tcp://", "unix://a", "tcp://a:x", "unix:"])
def test_wrong_addresses_of_scanners(url: str) -> None:
    with pytest.raises(ValueError, match="url"):
        ClamdOptions(url=url)


def test_in_production_an_address_is_needed(tmp_path: Path) -> None:
    deployment = Deployment(
        in_production=True, base_url="", own_url="", checkout_path="", webhook_path="",
        data_dir=tmp_path, mail_from="", files_url="",
    )  # fmt: skip

    with pytest.raises(WrongSetting, match="ONEHOUR_CLAMD_URL is missing"):
        ClamdOptions().check_production(deployment)


def _settings(tmp_path: Path, **given: str) -> Settings:
    return Settings.load({"ONEHOUR_DATA_DIR": str(tmp_path), **given}, None)


def _chosen(settings: Settings) -> VirusScanner | None:
    resources = Resources(deployment=settings.deployment, http=None, clock=SystemClock())
    return virus_scanner(settings, resources)


def test_nothing_is_scanned_unless_a_setting_says_so(tmp_path: Path) -> None:
    assert _chosen(_settings(tmp_path)) is None


async def test_a_setting_chooses_clamd(server: ClamdServer, tmp_path: Path) -> None:
    settings = _settings(
        tmp_path, ONEHOUR_VIRUS_SCAN="clamd", ONEHOUR_CLAMD_URL=await server.start()
    )

    scanner = _chosen(settings)

    assert scanner and await scanner.scan(written(tmp_path, EICAR)) == "Eicar-Test-Signature"


def test_clamd_without_an_address_is_refused(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match="ONEHOUR_CLAMD_URL is missing"):
        _chosen(_settings(tmp_path, ONEHOUR_VIRUS_SCAN="clamd"))


def test_an_unknown_scanner_is_refused_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(WrongSetting, match=r"ONEHOUR_VIRUS_SCAN must be .*clamd"):
        _settings(tmp_path, ONEHOUR_VIRUS_SCAN="guess")
