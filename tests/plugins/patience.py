"""For tests that are not about the time limits of plugins: on a machine with other work a page may
lack the panel of a plugin, which took longer than it may. `test_isolation.py` tests the limits."""

from __future__ import annotations

import pytest

from plugins import calls, steps

PATIENT_S = 30.0


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "QUESTION_S", PATIENT_S)
    monkeypatch.setattr(steps, "STEP_S", PATIENT_S)
