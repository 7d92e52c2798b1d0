"""Where the templates of the capabilities are, for the adapter that renders them."""

from __future__ import annotations

from pathlib import Path

SERVICES = Path(__file__).parents[1]
LAYOUT = "notifications/layouts/email"
"""The templates, '.txt' and '.html', in which the parts of every e-mail are arranged."""


def template_sources() -> list[tuple[str, Path]]:
    """The folder `templates` of each capability that has one, by the capability's name."""
    return [(folder.parent.name, folder) for folder in sorted(SERVICES.glob("*/templates"))]
