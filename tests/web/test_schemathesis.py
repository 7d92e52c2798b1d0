"""Schemathesis sends the API generated requests: correct ones, and ones its description forbids.

It compares every answer with the OpenAPI document, as each role, and follows the links between
operations. The short profile, of one role, is part of every run, the long one of `make test-long`.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.web.live_site import ROLES, LiveSite, live_site
from web.shared.api import API

CONFIG = Path(__file__).with_name("schemathesis.toml")
ENDS_THE_SESSION = ("accounts_erase", "passwords_change", "sessions_end", "sessions_logout")
"""Operations after which the role could send no more: they have a run of their own."""


@pytest.fixture
def site() -> Iterator[LiveSite]:
    with live_site() as started:
        yield started


def run(site: LiveSite, folder: Path, options: Sequence[str], *, role: str | None) -> None:
    """Fails with the report of Schemathesis if it found anything."""
    credentials = ("-H", f"Authorization: Bearer {site.tokens[role]}") if role else ()
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "--config-file", CONFIG, "run"),
            *(f"{site.url}{API}/openapi.json", "--url", site.url, "--no-color"),
            *("--seed", "1", "--generation-deterministic", "--request-timeout", "60"),
            *("--warnings", "off", "--continue-on-failure", *credentials, *options),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-20_000:]
    assert " passed" in done.stdout


def exclude(*operations: str) -> list[str]:
    return [part for each in operations for part in ("--exclude-operation-id", each)]


def include(*operations: str) -> list[str]:
    return [part for each in operations for part in ("--include-operation-id", each)]


def test_a_few_generated_requests_are_answered_as_documented(
    site: LiveSite, tmp_path: Path
) -> None:
    profile = ["--phases", "coverage,stateful", "--max-examples", "3"]

    run(site, tmp_path, [*profile, *exclude(*ENDS_THE_SESSION)], role="client")


@pytest.mark.long
@pytest.mark.parametrize("role", [None, *ROLES])
def test_many_generated_requests_are_answered_as_documented(
    site: LiveSite, tmp_path: Path, role: str | None
) -> None:
    profile = ["--phases", "examples,coverage,fuzzing,stateful", "--max-examples", "40"]

    run(site, tmp_path, [*profile, *exclude(*ENDS_THE_SESSION)], role=role)


@pytest.mark.long
@pytest.mark.parametrize("operation", ENDS_THE_SESSION)
def test_operations_that_end_the_session_are_answered_as_documented(
    site: LiveSite, tmp_path: Path, operation: str
) -> None:
    profile = ["--phases", "coverage,fuzzing", "--max-examples", "40"]

    run(site, tmp_path, [*profile, *include(operation)], role="client")
