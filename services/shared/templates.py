"""Where the e-mail templates of the capabilities are, for the adapter that renders them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from services.shared.capabilities import Capability, WrongCapability

LAYOUT = "notifications/layouts/email"
"""The layout of every e-mail, as '.txt' and '.html'."""


def template_sources(records: Iterable[Capability]) -> list[tuple[str, Path]]:
    """The folder of each capability that has templates, by the capability's name.

    Raises `WrongCapability` for a folder that does not exist.
    """
    found = [(record.name, record.templates) for record in records if record.templates]
    for name, folder in found:
        if not folder.is_dir():
            raise WrongCapability(f"The capability {name} has no folder {folder} of templates.")
    return found


def contact(site: str, support_email: str) -> dict[str, str]:
    """The variables of every template that say where people find help. `site` is the base URL;
    without a `support_email` only the help page is named."""
    return {
        "help_url": f"{site}/help",
        "support_email": support_email,
        "support_url": mail_url(support_email) if support_email else "",
    }


def mail_url(address: str, subject: str = "") -> str:
    """The 'mailto:' URL of an address, with the subject of the e-mail to write."""
    query = f"?subject={quote(subject, safe='')}" if subject else ""
    return f"mailto:{quote(address, safe='@')}{query}"
