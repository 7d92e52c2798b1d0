"""The capability that docs/capabilities.md adds works as the page shows it.

It is built in a copy of the repository from the code of the page, and runs the tests of the page
there, in a process of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import PATIENCE_S
from tests.unit.documented_code import ROOT, Edit, NewFile, Step, copy_of_the_repository, steps_of

OWN_REPOSITORY = "## With a repository of its own"
COMPLETE = "tests/web/test_route_samples.py"
"""Fails for a route without sample requests."""
SHARED_WITH_DOCUMENTS = {"services/bootstrap.py", "web/app.py"}
SHARED_WITH_REPOSITORY = SHARED_WITH_DOCUMENTS | {
    "ports/store.py",
    "adapters/mongo/registry.py",
    "adapters/memory/repositories/registry.py",
}


def steps(*, own_repository: bool) -> list[Step]:
    page = (ROOT / "docs" / "capabilities.md").read_text(encoding="utf-8")
    documents, heading, repository = page.partition(OWN_REPOSITORY)
    assert heading
    return steps_of(documents) + (steps_of(repository) if own_repository else [])


@pytest.mark.parametrize(
    ("own_repository", "shared"),
    [(False, SHARED_WITH_DOCUMENTS), (True, SHARED_WITH_REPOSITORY)],
    ids=["documents", "repository"],
)
def test_only_the_named_shared_files_are_edited(own_repository: bool, shared: set[str]) -> None:
    shown = steps(own_repository=own_repository)

    new = {step.path for step in shown if isinstance(step, NewFile)}
    assert {step.path for step in shown if isinstance(step, Edit)} - new == shared


@pytest.mark.parametrize(
    "own_repository",
    [
        pytest.param(False, id="documents", marks=pytest.mark.long),
        pytest.param(True, id="repository"),  # has all steps of the other, and more
    ],
)
def test_the_capability_of_the_page_passes_its_own_tests(
    own_repository: bool, tmp_path: Path
) -> None:
    root = copy_of_the_repository(tmp_path)
    shown = steps(own_repository=own_repository)
    for step in shown:
        step.write(root)

    tests = [step.path for step in shown if Path(step.path).name.startswith("test_")]
    command = [sys.executable, "-m", "pytest", "-v", "-n0", "-p", "no:cacheprovider"]
    ran = subprocess.run(
        [*command, *tests, COMPLETE],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=5 * PATIENCE_S,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert {path for path in (*tests, COMPLETE) if f"{path}::" not in ran.stdout} == set()
    assert len(tests) == 2
