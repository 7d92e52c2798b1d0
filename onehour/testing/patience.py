"""A plugin of pytest for the tests of plugins: `-p onehour.testing.patience`.

On a machine with other work a page may lack the panel of a plugin, which took longer than it may.
With this plugin the time limits of plugins are so long that they end no test."""

from __future__ import annotations

import pytest

from plugins import calls, steps

PATIENT_S = 30.0


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long time limits for one test."""
    monkeypatch.setattr(calls, "QUESTION_S", PATIENT_S)
    monkeypatch.setattr(calls, "EVENT_S", PATIENT_S)
    monkeypatch.setattr(steps, "STEP_S", PATIENT_S)
