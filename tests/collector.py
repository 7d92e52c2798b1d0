"""A collector of OpenTelemetry: a real HTTP server that decodes what it is sent."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue


@dataclass(frozen=True)
class ReceivedSpan:
    """A span as it arrived, with ids in hexadecimal. `parent` is "" at the root; `links` are
    the (trace id, span id) of other spans; `process` is what recorded it."""

    name: str
    trace: str
    id: str
    parent: str
    kind: int
    process: str
    failed: bool
    attributes: Mapping[str, str | int]
    links: tuple[tuple[str, str], ...]


@dataclass
class Collector:
    """What arrived. While `answers` is not set, requests wait; `asked` is set by the first."""

    url: str = ""
    spans: list[ReceivedSpan] = field(default_factory=list)
    raw: bytes = b""
    headers: list[Mapping[str, str]] = field(default_factory=list)
    answers: threading.Event = field(default_factory=threading.Event)
    asked: threading.Event = field(default_factory=threading.Event)

    def named(self, name: str) -> list[ReceivedSpan]:
        return [span for span in list(self.spans) if span.name == name]

    def receive(self, path: str, headers: Mapping[str, str], body: bytes) -> int:
        """The status of the answer."""
        self.asked.set()
        self.answers.wait(60)
        if path != "/v1/traces" or headers["content-type"] != "application/x-protobuf":
            return 400
        self.raw += body
        self.headers.append(headers)
        self.spans += _decode(body)
        return 200


@contextmanager
def collector(*, answers: bool = True) -> Iterator[Collector]:
    """Listens until the end of the block, on a free port."""
    received = Collector()
    if answers:
        received.answers.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = received.receive(self.path, headers, body)
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    received.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield received
    finally:
        received.answers.set()
        server.shutdown()
        server.server_close()


def _decode(body: bytes) -> Iterator[ReceivedSpan]:
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        process = _values(resource.resource.attributes)["service.instance.id"]
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield ReceivedSpan(
                    name=span.name,
                    trace=span.trace_id.hex(),
                    id=span.span_id.hex(),
                    parent=span.parent_span_id.hex(),
                    kind=span.kind,
                    process=str(process),
                    failed=span.status.code == 2,
                    attributes=_values(span.attributes),
                    links=tuple((link.trace_id.hex(), link.span_id.hex()) for link in span.links),
                )


def _values(pairs: Iterable[KeyValue]) -> dict[str, str | int]:
    return {pair.key: pair.value.string_value or pair.value.int_value for pair in pairs}
