"""Child processes that end are restarted, and none outlives the supervisor."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from onehour.local.children import process_start_time
from tests.patience import PATIENCE_S

pytestmark = pytest.mark.process

PROGRAM = """
import asyncio, logging, sys
from pathlib import Path
from core.errors import OneHourError
from onehour.local.children import Child
from onehour.local.data_lock import data_directory_lock
from onehour.local.supervisor import Supervisor

logging.basicConfig()

async def run(record_pids):
    async with Supervisor(logs=data / "logs", record_pids=record_pids) as supervisor:
        for name in names:
            command = (sys.executable, "-c", programs[name])
            await supervisor.start(Child(name=name, command=command))
        print("open", flush=True)
        await supervisor.until_stopped()

programs = {
    "sleeper": "import time; time.sleep(600)",
    "parent": "import subprocess; subprocess.run(['sleep', '600'])",
}
data, *names = sys.argv[1:]
data = Path(data)
try:
    with data_directory_lock(data) as record_pids:
        asyncio.run(run(record_pids))
except asyncio.CancelledError:
    print("closed", flush=True)
except OneHourError as error:
    sys.exit(error.message)
"""

FAILING = """
import asyncio, sys
from pathlib import Path
from onehour.local.children import Child
from onehour.local.readiness import accepts_connections
from onehour.local import supervisor as waiting
from onehour.local.supervisor import NotStarted, Supervisor

waiting.START_TIMEOUT_S = 3600  # it is reported when it has ended, and not when this time is over

async def run():
    async with Supervisor(logs=Path(sys.argv[1])) as supervisor:
        await supervisor.start(
            Child(name="fine", command=(sys.executable, "-c", "import time; time.sleep(600)")),
            Child(
                name="cellar",
                command=(sys.executable, "-c", "print('the cellar is flooded'); exit(3)"),
                ready=accepts_connections("127.0.0.1", 9),
            ),
            Child(name="attic", command=("no-such-program-anywhere",)),
        )

try:
    asyncio.run(run())
except NotStarted as error:
    sys.exit(error.message)
"""

StartApp = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start_app(tmp_path: Path) -> Iterator[StartApp]:
    """Runs `PROGRAM` with these children, and returns when it is open."""
    apps = []

    def start(*names: str) -> subprocess.Popen[str]:
        app = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(tmp_path), *names],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        apps.append(app)
        assert app.stdout is not None
        assert app.stdout.readline() == "open\n"
        return app

    yield start
    for app in apps:
        app.kill()
        app.communicate()


def children(app: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(app.pid).children(recursive=True)


def eventually(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + PATIENCE_S
    while not holds() and time.monotonic() < deadline:
        time.sleep(0.02)
    return holds()


def ended(processes: list[psutil.Process]) -> Callable[[], bool]:
    return lambda: not any(process_start_time(process.pid) for process in processes)


def recorded_pids(folder: Path) -> dict[str, int]:
    return {name: pid for name, (pid, _) in json.loads((folder / "run.pid").read_text()).items()}


def test_a_child_that_has_ended_is_restarted(start_app: StartApp, tmp_path: Path) -> None:
    start_app("sleeper")
    first = recorded_pids(tmp_path)["sleeper"]

    os.kill(first, signal.SIGKILL)

    assert eventually(lambda: recorded_pids(tmp_path)["sleeper"] != first)
    assert process_start_time(recorded_pids(tmp_path)["sleeper"])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_leaves_no_process(start_app: StartApp, number: int, tmp_path: Path) -> None:
    app = start_app("sleeper", "parent")
    assert eventually(lambda: len(children(app)) == 3)
    family = children(app)

    app.send_signal(number)
    output, _ = app.communicate(timeout=PATIENCE_S)

    assert output == "closed\n"
    assert eventually(ended(family))
    assert not (tmp_path / "run.pid").exists()


def test_a_child_is_out_of_reach_of_ctrl_c(start_app: StartApp) -> None:
    app = start_app("sleeper")

    (child,) = children(app)

    assert os.getsid(child.pid) == child.pid


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's help is Linux only")
def test_a_killed_supervisor_leaves_no_process(start_app: StartApp) -> None:
    app = start_app("sleeper", "sleeper")
    family = children(app)

    app.kill()

    assert len(family) == 2
    assert eventually(ended(family))


def test_what_a_killed_supervisor_left_is_ended_at_the_next_start(
    start_app: StartApp, tmp_path: Path
) -> None:
    orphan = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    recorded = {"mongo": [orphan.pid, process_start_time(orphan.pid)], "reused": [os.getpid(), "0"]}
    (tmp_path / "run.pid").write_text(json.dumps(recorded))

    start_app("sleeper")

    assert orphan.wait(timeout=PATIENCE_S) == -signal.SIGTERM


def test_a_second_start_on_the_same_folder_is_refused(start_app: StartApp, tmp_path: Path) -> None:
    start_app("sleeper")

    second = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=False
    )

    assert second.returncode == 1
    assert second.stderr == (
        f"The data directory {tmp_path} is in use by another `onehour run`; stop that one,"
        " or set ONEHOUR_DATA_DIR to another directory.\n"
    )


def test_a_child_that_does_not_start_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    failed = subprocess.run(
        [sys.executable, "-c", FAILING, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )

    assert failed.returncode == 1
    assert "cellar did not start: it ended with status 3." in failed.stderr
    assert "    the cellar is flooded" in failed.stderr
    assert "attic did not start: " in failed.stderr
    assert str(tmp_path / "cellar.log") in failed.stderr


def test_the_log_of_the_run_before_is_kept(start_app: StartApp, tmp_path: Path) -> None:
    log = tmp_path / "logs" / "sleeper.log"
    log.parent.mkdir()
    log.write_text("yesterday")

    start_app("sleeper")

    assert log.read_text() == ""
    assert log.with_suffix(".log.1").read_text() == "yesterday"
