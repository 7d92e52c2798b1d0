"""Combines the records of all capabilities, and checks them when the application is created."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from services.bootstrap import Services
from services.shared.capabilities import Capability, WrongCapability
from web.shared.assets import SHARED, StaticFolder
from web.shared.capabilities import Slot, WebCapability
from web.shared.live_events import LiveEvent
from web.shared.notices import FactsOf, NoticeWording
from web.shared.sockets import SocketHandler
from web.shared.timeline import Wording

T = TypeVar("T")


def events_of(records: Sequence[WebCapability]) -> dict[str, SocketHandler]:
    """The socket events by name. Raises `WrongCapability` for a duplicate name."""
    return _merged("socket event", ((record.name, record.events) for record in records))


def live_events_of(records: Sequence[WebCapability]) -> dict[str, LiveEvent]:
    """The events that the server sends, by name. Raises `WrongCapability` for a duplicate name."""
    return _merged(
        "live event",
        ((record.name, {event.name: event for event in record.live_events}) for record in records),
    )


def heard_by(
    records: Sequence[WebCapability], services: Services
) -> dict[str, Callable[[Any], None]]:
    """What a web process does when another process has published an event, by name."""
    return {
        name: partial(event.heard, services)
        for name, event in live_events_of(records).items()
        if event.heard
    }


def static_folders(records: Sequence[WebCapability]) -> Sequence[StaticFolder]:
    """In the order of the cascade; the shared folder first."""
    return (SHARED, *(record.static for record in records if record.static))


def timeline_wording(
    records: Sequence[WebCapability], capabilities: Sequence[Capability]
) -> dict[str, Wording]:
    """The wording of timeline entries by kind. Raises `WrongCapability` for a kind without one."""
    wording = _merged("timeline entry", ((record.name, record.timeline) for record in records))
    _check_wording("timeline entry", wording, [each.timeline for each in capabilities])
    return wording


def activity_wording(
    records: Sequence[WebCapability], capabilities: Sequence[Capability]
) -> dict[str, str]:
    """The wording of audit entries by kind. Raises `WrongCapability` for a kind without one."""
    wording = _merged("audit entry", ((record.name, record.activity) for record in records))
    _check_wording("audit entry", wording, [each.activity for each in capabilities])
    return wording


def notice_wording(
    records: Sequence[WebCapability], capabilities: Sequence[Capability]
) -> dict[str, tuple[NoticeWording, FactsOf]]:
    """The wording of notices by name, each with what reads its facts. Raises `WrongCapability` for
    a notice without one."""
    parts = [(record.name, record.notices) for record in records if record.notices]
    wording = _merged(
        "wording of the notice",
        (
            (owner, {name: (words, each.facts) for name, words in each.words.items()})
            for owner, each in parts
        ),
    )
    for notice in (each for record in capabilities for each in record.notices):
        if notice.name not in wording:
            raise WrongCapability(f"The notice {notice.name} has no wording in any web record.")
    return wording


def check_names(records: Sequence[WebCapability]) -> None:
    """Raises `WrongCapability` for a duplicate name, and for an invalid link or panel."""
    _merged("web record", ((record.name, {record.name: record}) for record in records))
    _merged(
        "blueprint",
        ((record.name, {name: None}) for record in records for name in _blueprints(record)),
    )
    _merged(
        "folder of static files",
        ((each.name, {each.static.prefix: None}) for each in records if each.static),
    )
    _merged("body limit", ((record.name, record.body_limits) for record in records))
    events_of(records)
    live_events_of(records)
    for record in records:
        _check_parts(record)


def _blueprints(record: WebCapability) -> list[str]:
    return [blueprint.name for blueprint in (*record.pages, *record.api)]


def _check_parts(record: WebCapability) -> None:
    for link in record.navigation:
        if not link.label or not link.path.startswith("/"):
            raise WrongCapability(
                f"The link {link.label!r} of the capability {record.name} must have a label, and a "
                "path that begins with a slash."
            )
    for panel in record.panels:
        if not isinstance(panel.slot, Slot):
            raise WrongCapability(
                f"The capability {record.name} has a panel for {panel.slot!r}, which is no slot."
            )


def _merged(what: str, parts: Iterable[tuple[str, Mapping[str, T]]]) -> dict[str, T]:
    merged, owners = dict[str, T](), dict[str, str]()
    for owner, values in parts:
        for name, value in values.items():
            if name in owners:
                raise WrongCapability(
                    f"The {what} {name} is declared twice, by {owners[name]} and {owner}."
                )
            merged[name], owners[name] = value, owner
    return merged


def _check_wording(
    what: str, wording: Mapping[str, object], kinds: Sequence[type[StrEnum] | None]
) -> None:
    missing = [kind for enum in kinds if enum for kind in enum if kind not in wording]
    if missing:
        raise WrongCapability(f"The {what} {missing[0]} has no wording in any web record.")
