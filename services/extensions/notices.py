"""What administrators are told about plugins."""

from __future__ import annotations

from dataclasses import dataclass

from ports.store import Repositories
from services.extensions.documents import PLUGIN_STATES
from services.shared.notices import SECURITY, Notice, NoticeReader


@dataclass(frozen=True, slots=True)
class SwitchedOff:
    """What the e-mail shows: what went wrong last in the plugin, and the page of the plugins."""

    plugin: str
    failure: str
    url: str


async def switched_off(repositories: Repositories, reader: NoticeReader) -> SwitchedOff | None:
    """None if it is switched on again."""
    state = await repositories.documents(PLUGIN_STATES).find(reader.delivery.subject)
    if state is None or state.is_on:
        return None
    return SwitchedOff(state.id, state.last_failure, f"{reader.site}/admin/plugins")


NOTICES = (
    Notice("plugin_switched_off", "extensions/switched_off", SECURITY, context=switched_off),
)
