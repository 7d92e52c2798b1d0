"""A capability's record: everything the application must know to include it.

The composition root reads the records of one tuple (`services/bootstrap.py`) and those of
plugins. No other place lists capabilities.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from core.errors import OneHourError
from core.jobs import JobId
from core.outbox import NotDueYet, Payload
from core.policy import Limits
from ports.documents import DocumentType
from services.shared.dependencies import Dependencies
from services.shared.notices import Notice, NoticeChannel, NoticeGroup
from services.shared.outbox import Handler, handlers_of
from services.shared.periodic import PeriodicTask, periodic_of
from services.shared.personal_data import PersonalData

S = TypeVar("S")


class WrongCapability(OneHourError):
    """A capability's record does not fit its code, or does not fit another capability."""

    code = "wrong_capability"


class Built:
    """The services built so far, by name. Later capabilities look up what they use.

    `records` are the records of all capabilities, for services that need all of them.
    """

    def __init__(self, records: Sequence[Capability]) -> None:
        self.records = tuple(records)
        self._services: dict[str, object] = {}

    def add(self, name: str, service: object) -> None:
        """Raises `WrongCapability` when another service has this name."""
        if name in self._services:
            raise WrongCapability(f"Two capabilities build a service named {name}.")
        self._services[name] = service

    def named(self, name: str) -> object:
        """Raises `KeyError` for an unknown name."""
        return self._services[name]

    def __getitem__(self, kind: type[S]) -> S:
        """The one service of this class. Raises `WrongCapability` when there is none yet."""
        found = [service for service in self._services.values() if isinstance(service, kind)]
        if len(found) != 1:
            raise WrongCapability(
                f"{kind.__name__} is not built yet: its capability must come earlier in the list."
            )
        return found[0]

    def __iter__(self) -> Iterator[object]:
        return iter(self._services.values())


Build = Callable[[Dependencies, Built], Mapping[str, object]]
Work = Callable[[], Awaitable[None]]
Within = Callable[[Work], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class DemoWork:
    """An approved job of the demo data, which a plugin may add to. `name` tells it from others,
    also when the demo is made again; `client` and `developer` are the accounts of its sides."""

    name: str
    job_id: JobId
    client: str
    developer: str


Demo = Callable[["Built", Sequence[DemoWork]], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Capability:
    """One capability of the platform or of a plugin.

    - `build` makes its services, by the names under which others find them;
    - `personal_data` is what it stores about people, or None if it stores nothing. It has no
      default, so that it cannot be forgotten;
    - `repositories` are the names of the hand-written repositories it uses, as `Repositories`
      has them; every store adapter must have them;
    - `documents` are the types of documents it stores without a repository of its own;
    - `messages` are the outbox messages it handles: each has one handler among its services;
    - `notices` are its kinds of notices to people, `channels` further ways to send them;
    - `templates` is the folder of its e-mail templates: the e-mail `name/welcome` of the
      capability `name` is `emails/welcome.txt` there;
    - its periodic jobs are those its services' methods declare (`services/shared/periodic.py`);
    - `policy` is the frozen dataclass of its limits (`core.policy.Limits`), each with a default;
    - `timeline` and `activity` are its kinds of timeline and audit entries;
    - `rates_developers`: it stores the ratings of developers (`rate_developer` of the developers
      capability). Without such a capability nobody has a rating, and search does not offer them;
    - `demo` adds what is missing to the demo data (`onehour seed --demo`), which may be there;
    - `within` runs the work of its handlers and periodic jobs. The plugin manager sets it: it
      isolates them, and raises `NotDueYet` while the plugin is switched off.
    """

    name: str
    build: Build
    personal_data: PersonalData | None
    repositories: tuple[str, ...] = ()
    documents: tuple[DocumentType[Any], ...] = ()
    messages: tuple[type[Payload], ...] = ()
    notices: tuple[Notice, ...] = ()
    channels: tuple[NoticeChannel, ...] = ()
    templates: Path | None = None
    policy: type[Limits] | None = None
    timeline: type[StrEnum] | None = None
    activity: type[StrEnum] | None = None
    rates_developers: bool = False
    demo: Demo | None = None
    within: Within | None = None


@dataclass(frozen=True, slots=True)
class Assembled:
    """The built services, their outbox handlers by kind of message, and their periodic jobs by
    name."""

    built: Built
    handlers: Mapping[str, Handler] = field(default_factory=dict)
    periodic: Mapping[str, PeriodicTask] = field(default_factory=dict)


def assemble(records: Sequence[Capability], dependencies: Dependencies) -> Assembled:
    """Build every capability in its order and collect the outbox handlers and periodic jobs.

    Raises `WrongCapability` with one sentence for what does not fit.
    """
    _check_names(records)
    _check_ratings(records)
    _check_notices(records)
    built, handlers, tasks = Built(records), dict[str, Handler](), dict[str, PeriodicTask]()
    for record in records:
        services = record.build(dependencies, built)
        for name, service in services.items():
            built.add(name, service)
        handlers |= _handlers(record, services, handlers)
        _add_periodic(record, services, tasks)
    return Assembled(built, handlers, tasks)


def check_repositories(records: Sequence[Capability], available: Collection[str]) -> None:
    """Raises `WrongCapability` for a repository the store adapter does not have."""
    for record in records:
        for name in record.repositories:
            if name not in available:
                raise WrongCapability(
                    f"The capability {record.name} needs the repository {name}, which the store "
                    "does not have."
                )


def documents_of(records: Iterable[Capability]) -> tuple[DocumentType[Any], ...]:
    """The document types of all capabilities, for the store that is to keep them.

    Raises `WrongCapability` when two capabilities use one collection.
    """
    found = dict[str, tuple[str, DocumentType[Any]]]()
    for record in records:
        for kind in record.documents:
            if kind.collection in found:
                raise WrongCapability(
                    f"The collection {kind.collection} of the capability {record.name} is already "
                    f"in use by the capability {found[kind.collection][0]}."
                )
            found[kind.collection] = record.name, kind
    return tuple(kind for _, kind in found.values())


def _check_names(records: Sequence[Capability]) -> None:
    seen = set[str]()
    for record in records:
        if record.name in seen:
            raise WrongCapability(f"Two capabilities are named {record.name}.")
        if not (record.personal_data is None or isinstance(record.personal_data, PersonalData)):
            raise WrongCapability(
                f"The capability {record.name} must declare personal_data, or None if it stores "
                "nothing about people."
            )
        seen.add(record.name)


def _check_ratings(records: Sequence[Capability]) -> None:
    rating = [record.name for record in records if record.rates_developers]
    if len(rating) > 1:
        raise WrongCapability(f"Two capabilities rate developers: {rating[0]} and {rating[1]}.")


def _check_notices(records: Sequence[Capability]) -> None:
    seen, groups = set[str](), dict[str, NoticeGroup]()
    for notice in (each for record in records for each in record.notices):
        if notice.name in seen:
            raise WrongCapability(f"Two notices are named {notice.name}.")
        seen.add(notice.name)
        if groups.setdefault(notice.group.name, notice.group) != notice.group:
            raise WrongCapability(f"Two groups of notices are named {notice.group.name}.")
    _check_channels(records)


def _check_channels(records: Sequence[Capability]) -> None:
    seen = set[str]()
    for record in records:
        for channel in record.channels:
            if channel.name in seen:
                raise WrongCapability(f"Two channels of notices are named {channel.name}.")
            seen.add(channel.name)
            if channel.delivery not in record.messages:
                raise WrongCapability(
                    f"The channel {channel.name} of the capability {record.name} needs a handler "
                    f"of {channel.delivery.kind}."
                )


def _handlers(
    record: Capability, services: Mapping[str, object], others: Mapping[str, Handler]
) -> dict[str, Handler]:
    found = dict[str, Handler]()
    for handler in (each for service in services.values() for each in handlers_of(service)):
        kind = handler.payload.kind
        if kind in found or kind in others:
            raise WrongCapability(f"The outbox message {kind} has two handlers.")
        if handler.payload not in record.messages:
            raise WrongCapability(
                f"The capability {record.name} handles {kind}, but does not list it in messages."
            )
        found[kind] = _within(record.within, handler) if record.within else handler
    for payload in record.messages:
        if payload.kind not in found:
            raise WrongCapability(
                f"The outbox message {payload.kind} of the capability {record.name} has no handler."
            )
    return found


def _add_periodic(
    record: Capability, services: Mapping[str, object], found: dict[str, PeriodicTask]
) -> None:
    for task in (each for service in services.values() for each in periodic_of(service)):
        name = task.periodic.name
        if name in found:
            raise WrongCapability(f"The periodic job {name} is declared twice.")
        within = record.within
        found[name] = replace(task, run=partial(_skipping, within, task.run)) if within else task


async def _skipping(within: Within, work: Work) -> None:
    """A plugin that is switched off has no work in this period."""
    with suppress(NotDueYet):
        await within(work)


def _within(within: Within, handler: Handler) -> Handler:
    async def run(payload: Payload) -> None:
        await within(partial(handler.run, payload))

    return Handler(handler.payload, run)
