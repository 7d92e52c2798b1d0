"""A plugin for running applications with which no plugin is late, however busy the machine is."""

from __future__ import annotations

from pathlib import Path

NAME = "patience"
ABOUT = "Metadata-Version: 2.1\nName: onehour-patience\nVersion: 1.0.0\n"
CODE = """from onehour.api import implements
from plugins import calls, steps

calls.QUESTION_S = steps.STEP_S = 60.0


class Patience:
    api = 1

    @implements
    def onehour_capabilities(self, context):
        return []
"""


def install_patience(packages: Path) -> None:
    """What pip would write into this folder. `ONEHOUR_PLUGINS` must name it, too."""
    about = packages / "onehour_patience-1.0.0.dist-info"
    about.mkdir(parents=True, exist_ok=True)
    (about / "METADATA").write_text(ABOUT)
    (about / "entry_points.txt").write_text(
        f"[onehour.plugins]\n{NAME} = onehour_patience:Patience\n"
    )
    (packages / "onehour_patience.py").write_text(CODE)
