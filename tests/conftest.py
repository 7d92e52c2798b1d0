"""Fixtures for all tests, and the distribution of tests to workers."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.patience import PATIENCE_S

pytest.register_assert_rewrite("onehour.testing")

from onehour.started import WHILE_STARTING  # noqa: E402
from onehour.testing.patience import patience  # noqa: E402
from tests import certificates, compiled, documented  # noqa: E402 - after the assert rewriting is set up
from tests.app import MemoryApp  # noqa: E402

__all__ = ["patience"]
"""A fixture for all tests. Those of the time limits of plugins set short ones."""

# The time of an example depends on the machine, not on the code. The examples are the same in each
# run; `make test-long` looks for others.
TESTS = settings(
    deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True, database=None
)
settings.register_profile("tests", TESTS)
settings.register_profile("search", TESTS, derandomize=False)
settings.load_profile("tests")

PROCESS, BROWSER, INSTALLED, PAGES = "tests/process/", "tests/browser/", "installed", "pages"
GROUPS = {
    f"{BROWSER}test_main_job.py": PROCESS,
    f"{BROWSER}test_account_states.py": PAGES,
    f"{BROWSER}test_long_texts.py": PAGES,
    f"{BROWSER}test_pages.py": PAGES,
    f"{PROCESS}distribution/": INSTALLED,
    f"{PROCESS}test_upgrade.py": INSTALLED,
    PROCESS: PROCESS,
    BROWSER: BROWSER,
}
"""By the beginning of the path; the first that fits counts."""
SHARED = "tests/services/test_money_machine.py"
"""Each of its tests is a group: they are long and share nothing."""
SLOWEST_FIRST = (
    PROCESS, BROWSER, PAGES, INSTALLED, "tests/web/test_schemathesis.py", "tests/web/test_matrix.py"
)  # fmt: skip
"""What begins last should be short, so that no worker waits for another at the end."""

LIMITS_FOR_SERVERS = (
    "adapters.celery.app.BROKER_TIMEOUT_S",
    "adapters.clamd.scanner.CONNECTING_S",
    "adapters.mongo.store.READY_S",
    "adapters.mongo.transaction_runner.TIMEOUT_S",
    "services.outbox.service.LONGEST_RUN_S",
    "web.shared.live.TIMEOUT_S",
)


class OneWorkerPerGroup(LoadScopeScheduling):  # type: ignore[misc]
    """Keeps each group of tests on one worker, one test after the other."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Tests that start processes are one group, so that none runs beside another, apart from those
    that install the application or start an earlier one: they do not use the running one. Those
    that share a browser are two groups. Others are grouped by module, which shares costly
    fixtures."""
    path = nodeid.partition("::")[0]
    if path == SHARED:
        return nodeid
    return next((group for begin, group in GROUPS.items() if path.startswith(begin)), path)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneWorkerPerGroup:
    return OneWorkerPerGroup(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The slow groups start first, so that other workers run the quick ones meanwhile."""
    items.sort(key=_order)


def pytest_collection_finish() -> None:
    """What was imported and collected stays until the end. Garbage collections that look at it
    again and again took a fifth of the CPU time of the tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*WHILE_STARTING)


def _order(item: pytest.Item) -> int:
    group = group_of(item.nodeid)
    return SLOWEST_FIRST.index(group) if group in SLOWEST_FIRST else len(SLOWEST_FIRST)


certificates.share()
compiled.share()
documented.watch()


@pytest.fixture(autouse=True, scope="session")
def slow_servers() -> Iterator[None]:
    """On a machine with other work a local server may take long, and so may the process that checks
    an uploaded file. Tests of a limit set their own."""
    with pytest.MonkeyPatch.context() as patch:
        for limit in LIMITS_FOR_SERVERS:
            patch.setattr(limit, PATIENCE_S)
        yield


@pytest.fixture(autouse=True)
def answers_are_documented() -> Iterator[None]:
    """Every answer of the API in a test is one that its description names."""
    documented.undocumented.clear()
    yield
    assert documented.undocumented == []


@pytest.fixture
async def app() -> AsyncIterator[MemoryApp]:
    """The application on memory adapters; after every test its ledger must balance."""
    built = MemoryApp()
    yield built
    await built.assert_ledger_balances()
