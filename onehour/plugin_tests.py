"""Runs the tests of a plugin, and reads which contract suites its adapters have passed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ports.adapters import AdapterOffer

PROVEN = frozenset({"passed", "not applicable", "new, fails"})
"""Outcomes in the report (`onehour.testing.report`) that are no finding."""


def failing_tests(folder: Path, offers: Sequence[AdapterOffer[Any, Any]] = ()) -> Iterator[str]:
    """That the tests in the folder fail, with their last line, or else the adapters that have not
    passed all of the contract suite of their port."""
    with TemporaryDirectory() as scratch:
        report = Path(scratch) / "report.json"
        ran = subprocess.run(
            (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
             "-p", "onehour.testing.report", f"--contract-report={report}", "."),
            cwd=folder, capture_output=True, text=True, check=False,
        )  # fmt: skip
        lines = ran.stdout.strip().splitlines()
        if ran.returncode:
            yield f"The tests fail: {lines[-1] if lines else ran.stderr}."
            return
        suites = json.loads(report.read_text(encoding="utf-8"))["adapters"]
    for offer in offers:
        yield from unproven(offer, suites)


def unproven(offer: AdapterOffer[Any, Any], suites: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What the adapter has not shown, by the test class of its port that has shown most. `suites`
    are the adapters of the report."""
    of_port = [_open_cases(each) for each in suites if each["port"] == offer.port]
    if not of_port:
        yield f"No tests of the adapter {offer.name} ran the contract suite of {offer.port}."
        return
    for finding in min(of_port, key=len)[:5]:
        yield f"The contract suite of {offer.port} is not passed by {offer.name}: {finding}."


def _open_cases(suite: Mapping[str, Any]) -> list[str]:
    cases = suite["cases"]
    found = [f"{each['name']} was {each['outcome']}" for each in cases]
    found = [text for text, each in zip(found, cases, strict=True) if each["outcome"] not in PROVEN]
    left_out = suite["expected"] - len({each["case"] for each in cases})
    return found + ([f"{left_out} cases did not run"] if left_out else [])
