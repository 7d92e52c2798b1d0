"""Operations: traces of their own, and observers that cannot harm the work."""

from __future__ import annotations

import asyncio

import pytest

from core.traces import Trace
from ports.telemetry import NO_TELEMETRY, End, Kind, Operation, Telemetry, current_trace

CALLER = Trace("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", sampled=True)


class Recorder:
    """Keeps kind, name and outcome of operations, in the order in which they end."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, str]] = []

    def begin(self, operation: Operation) -> End:
        return lambda: self.seen.append((operation.kind, operation.name, operation.outcome))


class Broken:
    def begin(self, operation: Operation) -> End:
        raise RuntimeError(operation.name)


class BrokenAtTheEnd:
    def begin(self, operation: Operation) -> End:
        return lambda: 1 / 0  # type: ignore[return-value]


def test_a_request_continues_the_trace_of_its_caller() -> None:
    with NO_TELEMETRY.operation(Kind.REQUEST, parent=CALLER):
        inside = current_trace()

    assert inside is not None
    assert inside.trace_id == CALLER.trace_id
    assert inside.span_id != CALLER.span_id
    assert inside.sampled
    assert current_trace() is None


def test_a_message_has_a_trace_of_its_own_that_names_its_cause() -> None:
    with NO_TELEMETRY.operation(Kind.MESSAGE, "mail", cause=CALLER):
        inside = current_trace()

    assert inside is not None
    assert inside.trace_id != CALLER.trace_id
    assert inside.cause == CALLER.trace_id


async def test_tasks_of_a_request_belong_to_its_trace_and_others_do_not() -> None:
    async def seen() -> Trace | None:
        await asyncio.sleep(0)
        return current_trace()

    with NO_TELEMETRY.operation(Kind.REQUEST) as request:
        inside = asyncio.create_task(seen())
    outside = asyncio.create_task(seen())

    assert await inside == request.trace
    assert await outside is None


def test_observers_hear_what_became_of_each_operation() -> None:
    recorder = Recorder()
    telemetry = Telemetry((recorder,))

    with telemetry.operation(Kind.REQUEST, "GET /") as request:
        with telemetry.operation(Kind.TRANSACTION):
            pass
        request.outcome = "200"
    with pytest.raises(ValueError), telemetry.operation(Kind.JOB, "clean"):
        raise ValueError
    with pytest.raises(asyncio.CancelledError), telemetry.operation(Kind.CALL, "pay.example"):
        raise asyncio.CancelledError

    assert recorder.seen == [
        ("transaction", "", "done"),
        ("request", "GET /", "200"),
        ("job", "clean", "failed"),
        ("call", "pay.example", "cancelled"),
    ]


def test_an_observer_that_fails_stops_neither_the_work_nor_other_observers() -> None:
    recorder = Recorder()
    telemetry = Telemetry((Broken(), recorder, BrokenAtTheEnd()))

    with telemetry.operation(Kind.MESSAGE, "mail"):
        pass

    assert recorder.seen == [("message", "mail", "done")]


def test_without_observers_parts_of_a_request_are_no_objects_of_their_own() -> None:
    first = NO_TELEMETRY.operation(Kind.TRANSACTION)

    assert NO_TELEMETRY.operation(Kind.TRANSACTION) is first
