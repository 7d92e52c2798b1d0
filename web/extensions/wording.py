"""The words of audit entries and notices about plugins."""

from __future__ import annotations

from collections.abc import Mapping

from core.extensions import ExtensionActivity
from core.notifications import Notification
from web.shared.notices import NoticeLine, NoticeWords

ACTIVITY: Mapping[str, str] = {
    ExtensionActivity.SWITCHED_OFF: "Plugin switched off",
    ExtensionActivity.SWITCHED_ON: "Plugin switched on",
}


def _switched_off(entry: Notification, facts: None) -> NoticeLine:
    return NoticeLine(
        f"The plugin {entry.subject} is switched off",
        "It failed repeatedly. Its events wait until it is switched on again.",
        "/admin/plugins",
        "circle-alert",
    )


NOTICES = NoticeWords({"plugin_switched_off": _switched_off})
