"""Compares what was written, what is stored and what each reader has seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True, order=True)
class Seen:
    """A message as a reader knows it."""

    seq: int
    sender: str
    client_id: str
    body: str


@dataclass(frozen=True)
class Fault:
    """`what` is "lost", "doubled", "foreign" or "out of order"."""

    what: str
    whose: str
    message: object


@dataclass(frozen=True)
class History:
    """A chat at the end. `sent` has the client ids by account, in the order of writing;
    `acknowledged` the number of each; `read` what each reader has seen."""

    chat: str
    stored: Sequence[Seen]
    sent: Mapping[str, Sequence[str]]
    acknowledged: Mapping[str, int]
    read: Mapping[str, Sequence[Seen]]


def faults(history: History) -> list[Fault]:
    return [*_faults(history)]


def _faults(history: History) -> Iterator[Fault]:
    stored = history.stored
    numbers = [message.seq for message in stored]
    yield from _differences(f"numbers of {history.chat}", range(1, len(stored) + 1), numbers)
    for account, client_ids in history.sent.items():
        kept = [message.client_id for message in stored if message.sender == account]
        yield from _differences(f"messages of {account}", client_ids, kept)
    for account, seen in history.read.items():
        yield from _differences(f"messages for {account}", stored, seen)
    kept_as = {message.client_id: message.seq for message in stored}
    for client_id, seq in history.acknowledged.items():
        if kept_as.get(client_id) != seq:
            yield Fault("lost", "acknowledged", client_id)


def _differences(whose: str, wanted: Sequence[T], found: Sequence[T]) -> Iterator[Fault]:
    times, expected = Counter(found), set(wanted)
    yield from (Fault("lost", whose, each) for each in wanted if not times[each])
    yield from (Fault("doubled", whose, each) for each, n in times.items() if n > 1)
    yield from (Fault("foreign", whose, each) for each in times if each not in expected)
    both = [each for each in dict.fromkeys(found) if each in expected]
    order = [each for each in wanted if times[each]]
    yield from (
        Fault("out of order", whose, one)
        for one, other in zip(both, order, strict=True)
        if one != other
    )
