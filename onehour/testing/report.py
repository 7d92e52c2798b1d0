"""A plugin of pytest that reports what adapters can do. The topmost `conftest.py` has the line
`pytest_plugins = ["onehour.testing.report"]`, or pytest the option `-p onehour.testing.report`.

It prints a table after the run. With `--contract-report=FILE` it also writes the report as JSON:
`{"suites": 2, "adapters": […]}`, each with `test`, `port`, `contract`, `suites` (the version it was
tested against), `abilities` by name, and `cases`: `name`, `since`, `outcome` and, where there is
one, the reason `why`.
"""

from __future__ import annotations

import json
import pkgutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pytest

import onehour.testing
from onehour.testing.suite import ABLE, FACTS, SUITES, UNFIT

PASSED, FAILED, UNFIT_CASE, SKIPPED = "passed", "failed", "not applicable", "skipped"
NEW, REPLACED = "new, fails", "replaced"
ORDER = (PASSED, FAILED, NEW, REPLACED, SKIPPED, UNFIT_CASE)
"""Of the table."""
OPTION = "--contract-report"

pytest.register_assert_rewrite(
    *(
        name
        for each in pkgutil.iter_modules(onehour.testing.__path__, "onehour.testing.")
        if (name := each.name) not in sys.modules
    )
)


@dataclass
class AdapterReport:
    """One test class of one adapter. `expected` is how many cases its contract has."""

    test: str
    port: str
    contract: str
    suites: int
    expected: int
    abilities: dict[str, bool] = field(default_factory=dict)
    cases: list[dict[str, Any]] = field(default_factory=list)

    @property
    def lines(self) -> Iterator[str]:
        """The part of the table."""
        counts = Counter(case["outcome"] for case in self.cases)
        ran = len({case["case"] for case in self.cases})
        said = [f"{counts[outcome]} {outcome}" for outcome in ORDER if counts[outcome]]
        if ran < self.expected:
            said.append(f"{self.expected - ran} of {self.expected} cases did not run")
        yield f"{self.port}: {self.test} ({self.contract}, version {self.suites})"
        yield f"    {', '.join(said)}"
        for ability, is_able in sorted(self.abilities.items()):
            yield f"    {'yes' if is_able else 'no':3} {ability}"
        for case in self.cases:
            if case["outcome"] not in (PASSED, UNFIT_CASE):
                yield f"    {case['outcome']}: {case['name']}"


class ContractReports:
    """Collects the outcomes of cases, also those of other processes (pytest-xdist)."""

    def __init__(self, file: str | None) -> None:
        self.file = file
        self.adapters: dict[str, AdapterReport] = {}

    @property
    def content(self) -> dict[str, Any]:
        adapters = [self.adapters[test] for test in sorted(self.adapters)]
        return {"suites": SUITES, "adapters": [asdict(adapter) for adapter in adapters]}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        noted = dict(report.user_properties)
        facts: Any = noted.get(FACTS)
        if facts is None or (report.when != "call" and report.outcome == "passed"):
            return
        test = report.nodeid.removesuffix(f"::{facts['case']}")
        adapter = self.adapters.setdefault(
            test,
            AdapterReport(test, facts["port"], facts["contract"], facts["suites"], facts["cases"]),
        )
        abilities: Any = [value for name, value in report.user_properties if name == ABLE]
        adapter.abilities.update(abilities)
        case = {"name": facts["case"], "case": facts["name"], "since": facts["since"]}
        outcome, why = _outcome(report, facts, noted.get(UNFIT))
        adapter.cases.append({**case, "outcome": outcome, **({"why": why} if why else {})})

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.adapters:
            terminalreporter.section(f"contracts of onehour.testing, version {SUITES}")
        for test in sorted(self.adapters):
            for line in self.adapters[test].lines:
                terminalreporter.write_line(line)

    def pytest_sessionfinish(self) -> None:
        if self.file:
            text = json.dumps(self.content, indent=2, ensure_ascii=False)
            Path(self.file).write_text(f"{text}\n", encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("onehour", "contracts of onehour.testing")
    group.addoption(OPTION, metavar="FILE", help="write what adapters can do as JSON")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # a process of pytest-xdist, whose outcomes are sent
        config.pluginmanager.register(ContractReports(config.getoption(OPTION)))


def _outcome(
    report: pytest.TestReport, facts: dict[str, Any], unfit: object | None
) -> tuple[str, str]:
    """Of one case, with the reason."""
    if hasattr(report, "wasxfail") and report.outcome == "skipped":
        return NEW, report.wasxfail
    if report.outcome == "failed":
        return FAILED, ""
    if report.outcome == "skipped":
        if unfit:
            return UNFIT_CASE, f"needs {unfit}"
        return SKIPPED, str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
    return (REPLACED, "the test class has a case of its own") if facts["replaced"] else (PASSED, "")
