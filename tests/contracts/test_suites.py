"""The version of the contract suites, and the report about what adapters can do."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from onehour.testing.identity import IdentityProviderContract
from onehour.testing.mail import MailerContract
from onehour.testing.payments import PaymentGatewayContract
from onehour.testing.payouts import PayoutsContract
from onehour.testing.push import PusherContract
from onehour.testing.storage import StorageContract
from onehour.testing.suite import SUITES, OldSuites
from onehour.testing.video import VideoProviderContract
from onehour.testing.virus_scan import VirusScannerContract
from tests.contracts.broken.suite import calls

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs" / "adapters.md").read_text(encoding="utf-8")
FILES = re.findall(r"```\w+\n# (\w+\.\w+)\n(.*?)```", GUIDE, re.DOTALL)
"""The files that the guide shows, by their names."""
PYTHON = re.findall(r"```python\n(.*?)```", GUIDE, re.DOTALL)
CONTRACTS = (
    IdentityProviderContract,
    MailerContract,
    PaymentGatewayContract,
    PayoutsContract,
    PusherContract,
    StorageContract,
    VideoProviderContract,
    VirusScannerContract,
)
OTHERS = """
import pytest

from onehour.testing import suite
from onehour.testing.suite import SUITES, Contract, since


class Newer(Contract):
    port = "umbrellas"

    def test_old(self): pass
    def test_removed(self): pass
    def test_replaced(self): assert False
    @since(SUITES)
    def test_new(self): assert False
    @since(SUITES)
    @pytest.mark.parametrize("url", ["https://[::1]/1", "b"])
    def test_new_and_kept(self, url): self.able("colours", True)
    def test_wind(self): self.needs("holding out in wind", False)
    def test_skipped(self): pytest.skip("it does not rain")


class TestEarlier(Newer):
    suites = SUITES - 1
    test_removed = None

    def test_replaced(self): pass
    def test_mine(self): pass


class TestPresent(Newer):
    def test_replaced(self): pass


class Own(Contract):
    def test_not_of_a_port(self): pass


class TestOwn(Own): pass
"""


@dataclass(frozen=True)
class Ran:
    output: str
    report: dict[str, Any]

    def adapter(self, name: str) -> dict[str, Any]:
        (found,) = (a for a in self.report["adapters"] if a["test"].endswith(f"::{name}"))
        return dict(found)

    def outcomes(self, name: str) -> dict[str, str]:
        return {case["name"]: case["outcome"] for case in self.adapter(name)["cases"]}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ran]:
    """The files of the guide and some more, tested as their author tests them, on two workers."""
    folder = tmp_path_factory.mktemp("author")
    for name, content in [*FILES, ("test_others.py", OTHERS)]:
        (folder / name).write_text(content, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-n", "2", "-W", "error", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "--contract-report=report.json"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    report = folder / "report.json"
    assert report.is_file(), done.stdout + done.stderr
    yield Ran(done.stdout, json.loads(report.read_text(encoding="utf-8")))


def test_the_adapter_of_the_guide_passes_its_suite(ran: Ran) -> None:
    assert [name for name, _ in FILES] == [
        "scanner.py", "test_scanner.py", "conftest.py", "pyproject.toml"
    ]  # fmt: skip
    assert set(ran.outcomes("TestHashScanner").values()) == {"passed"}


def test_the_table_is_that_of_the_guide(ran: Ran) -> None:
    (table, _) = re.findall(r"```text\n(.*?)```", GUIDE, re.DOTALL)

    assert table in ran.output
    assert f"contracts of onehour.testing, version {SUITES}" in ran.output


def test_new_cases_may_fail_for_whoever_asks_for_the_version_before(ran: Ran) -> None:
    assert ran.outcomes("TestEarlier") == {
        "test_old": "passed",
        "test_replaced": "replaced",
        "test_new": "new, fails",
        "test_new_and_kept[https://[::1]/1]": "passed",
        "test_new_and_kept[b]": "passed",
        "test_wind": "not applicable",
        "test_skipped": "skipped",
    }
    assert ran.outcomes("TestPresent")["test_new"] == "failed"


def test_the_report_says_why_and_what_did_not_run(ran: Ran) -> None:
    earlier = ran.adapter("TestEarlier")

    whys = {case["name"]: case.get("why") for case in earlier["cases"]}
    assert whys["test_wind"] == "needs holding out in wind"
    assert whys["test_skipped"] == "Skipped: it does not rain"
    assert whys["test_new"] == f"new in version {SUITES} of the suites"
    assert earlier["abilities"] == {"colours": True, "holding out in wind": False}
    assert (earlier["port"], earlier["contract"]) == ("umbrellas", "Newer")
    assert (earlier["suites"], ran.report["suites"], earlier["expected"]) == (SUITES - 1, SUITES, 7)
    assert "1 of 7 cases did not run" in ran.output
    assert "no  holding out in wind" in ran.output


def test_what_is_no_case_of_a_port_is_not_reported(ran: Ran) -> None:
    assert "test_mine" not in ran.outcomes("TestEarlier")
    assert [each["test"] for each in ran.report["adapters"]] == [
        "test_others.py::TestEarlier", "test_others.py::TestPresent",
        "test_scanner.py::TestHashScanner",
    ]  # fmt: skip


@pytest.mark.parametrize("version", [SUITES - 2, SUITES + 1])
def test_a_version_that_is_not_there_is_refused(version: int) -> None:
    with pytest.raises(OldSuites, match=f"suites must be {SUITES - 1} or {SUITES}, not {version}"):
        type("TestMine", (VirusScannerContract,), {"suites": version})


def test_the_guide_counts_the_cases() -> None:
    """Of the ports that are chosen by name, and of the sites to sign in with."""
    rows = re.findall(r"^\| (\w+) \| `(\w+)` \| (\d+) \|", GUIDE, re.MULTILINE)

    assert {(port, name, int(number)) for port, name, number in rows} == {
        (each.port, each.__name__, len(list(calls(each)))) for each in CONTRACTS
    }


def test_all_other_code_of_the_guide_runs() -> None:
    """Each part after those before it, so that every name and argument in it exists."""
    parts = [part for part in PYTHON if not re.match(r"# \S+\.\w+\n", part)]
    names: dict[str, object] = {"pytest": pytest, "__name__": "guide"}

    for part in parts:
        exec(compile(part, "docs/adapters.md", "exec", dont_inherit=True), names)

    assert {"OFFER", "TestBankGateway", "TestMyMailer", "TestMyStorage", "TestMyStore"} <= set(
        names
    )


def test_the_excerpt_of_the_guide_is_code_that_is_tested() -> None:
    (excerpt,) = (part.split("\n", 1)[1] for part in PYTHON if part.startswith("# jitsi/video.py"))

    assert excerpt in (ROOT / "tests" / "plugins" / "jitsi" / "video.py").read_text("utf-8")
