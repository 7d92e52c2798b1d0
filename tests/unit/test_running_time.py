"""Measures of time in tests count what the process does, and not that the machine is busy."""

from __future__ import annotations

import asyncio
import gc
import signal
import subprocess
import sys
import time

from onehour.testing.running_time import CpuTime, RunningTime, WorkTime, happens

STOPPED_S = 0.5
STOPPED = """
import sys, time
from onehour.testing.running_time import RunningTime
began = time.monotonic()
with RunningTime() as took:
    print("begun", flush=True)
    sys.stdin.readline()
print(time.monotonic() - began - took.seconds)
"""


def test_waiting_counts_and_work_that_lets_nothing_else_run_too() -> None:
    with RunningTime() as waited:
        while waited.seconds < 0.02:  # ends if it counts
            time.sleep(0.001)
    with RunningTime() as worked, CpuTime() as cpu:
        pow(7, 200_000)

    assert worked.seconds >= 0.9 * cpu.seconds > 0


def test_while_the_process_is_stopped_no_time_passes() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", STOPPED], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin
        assert child.stdout
        assert child.stdout.readline() == "begun\n"
        child.send_signal(signal.SIGSTOP)
        time.sleep(STOPPED_S)
        child.send_signal(signal.SIGCONT)
        uncounted, _ = child.communicate("\n")

    assert float(uncounted) > 0.9 * STOPPED_S


def test_the_work_of_child_processes_counts() -> None:
    with WorkTime() as took:
        subprocess.run([sys.executable, "-c", "pow(7, 2_000_000)"], check=True)

    assert took.seconds > 0.02


async def test_an_event_that_does_not_happen_is_waited_for_no_longer() -> None:
    assert not await happens(asyncio.Event(), within_s=0.02)


def test_no_garbage_is_collected_meanwhile() -> None:
    with CpuTime():
        assert not gc.isenabled()
    assert gc.isenabled()
