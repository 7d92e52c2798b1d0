"""The AsyncAPI document, version 3.0: the socket events, made from the records of capabilities."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from web.shared.context import Site
from web.shared.live_events import EventAccepted, EventRefused, LiveEvent
from web.shared.openapi.models import Model, Schema, components
from web.shared.sockets import SocketHandler

SCHEMES = {"https": "wss", "http": "ws"}
CHANNEL = "socket"
ABOUT = """Events of Socket.IO 5 (Engine.IO 4), websocket only, in the namespace `/`. A message is \
a hint to load the data again.

The handshake names the caller: `auth: {"token": …}` with an access token, or the session cookie; \
without both the socket is a visitor's. What is no longer valid is refused by a `connect_error` \
whose `data.code` is `token_refused`, `session_over` or `invalid`. Every event that asks for an \
acknowledgement gets one."""


def describe_sockets(
    *, site: Site, title: str, received: Mapping[str, SocketHandler], sent: Mapping[str, LiveEvent]
) -> dict[str, Any]:
    """The document with the events that clients send (`received`) and those of the server."""
    schemas, named = components(
        [EventAccepted, EventRefused, *_models(received), *(event.data for event in sent.values())]
    )
    messages: dict[str, Any] = {}
    for name, handler in received.items():
        described = _message(name, schemas[_data(handler)], _text(handler))
        messages[f"receive_{_key(name)}"] = described
        messages[f"answer_{_key(name)}"] = _answer(name, schemas, handler)
    for name, event in sent.items():
        messages[f"send_{_key(name)}"] = _message(name, schemas[event.data], event.summary)
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": "1", "description": ABOUT},
        "defaultContentType": "application/json",
        "servers": {"site": _server(site)},
        "channels": {
            CHANNEL: {
                "address": "/socket.io/",
                "description": "The connection of a browser or a program.",
                "messages": {key: _reference("components/messages", key) for key in messages},
                "bindings": {"ws": WEBSOCKET},
            }
        },
        "operations": dict(_operations(received, sent)),
        "components": {
            "messages": messages,
            "schemas": dict(sorted(named.items())),
            "securitySchemes": _security_schemes(site.cookie),
        },
    }


WEBSOCKET = {
    "method": "GET",
    "query": {
        "type": "object",
        "required": ["EIO", "transport"],
        "properties": {"EIO": {"const": "4"}, "transport": {"const": "websocket"}},
    },
    "bindingVersion": "0.1.0",
}


def _models(received: Mapping[str, SocketHandler]) -> Iterator[Model]:
    for handler in received.values():
        yield from (_data(handler), _answer_model(handler))


def _data(handler: SocketHandler) -> Model:
    return getattr(handler, "event_data", Any)


def _answer_model(handler: SocketHandler) -> Model:
    return getattr(handler, "event_answer", EventAccepted)


def _text(handler: SocketHandler) -> str:
    return " ".join((inspect.getdoc(handler) or "").split())


def _key(name: str) -> str:
    return name.replace(":", "_").replace("-", "_")


def _message(name: str, value: Schema, text: str) -> dict[str, Any]:
    return {"name": name, "title": name, "summary": text, "payload": value}


def _answer(name: str, schemas: Mapping[Model, Schema], handler: SocketHandler) -> dict[str, Any]:
    variants = [schemas[_answer_model(handler)], schemas[EventRefused]]
    return {
        "name": f"{name} (acknowledgement)",
        "title": f"Acknowledgement of {name}",
        "payload": {"oneOf": variants},
    }


def _operations(
    received: Mapping[str, SocketHandler], sent: Mapping[str, LiveEvent]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """As the server sees them: it receives the events of clients, and sends its own."""
    for name, handler in received.items():
        key = f"receive_{_key(name)}"
        answer = _reference(f"channels/{CHANNEL}/messages", f"answer_{_key(name)}")
        reply = {"channel": _reference("channels", CHANNEL), "messages": [answer]}
        yield key, {**_operation("receive", key, _text(handler)), "reply": reply}
    for name, event in sent.items():
        key = f"send_{_key(name)}"
        yield key, _operation("send", key, event.summary)


def _operation(action: str, key: str, text: str) -> dict[str, Any]:
    return {
        "action": action,
        "channel": _reference("channels", CHANNEL),
        "summary": text,
        "messages": [_reference(f"channels/{CHANNEL}/messages", key)],
    }


def _reference(place: str, key: str) -> dict[str, str]:
    return {"$ref": f"#/{place}/{key}"}


def _server(site: Site) -> dict[str, Any]:
    address = urlsplit(site.base_url)
    return {
        "host": address.netloc,
        "protocol": SCHEMES[address.scheme],
        "description": "The site. Visitors need no security scheme.",
        "security": [
            _reference("components/securitySchemes", name) for name in ("bearer", "cookie")
        ],
    }


def _security_schemes(cookie: str) -> dict[str, Any]:
    return {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "The access token of `POST /api/v1/auth/token`, as `auth.token` of the"
            " handshake or as header.",
        },
        "cookie": {
            "type": "httpApiKey",
            "in": "cookie",
            "name": cookie,
            "description": "The session cookie of the site, which a log-in sets.",
        },
    }
