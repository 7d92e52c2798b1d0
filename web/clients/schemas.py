"""API schema of clients."""

from __future__ import annotations

from typing_extensions import TypedDict

from core.clients import Client


class ClientSchema(TypedDict):
    id: str
    name: str
    phone: str | None
    avatar_url: str | None


def client(value: Client) -> ClientSchema:
    return {
        "id": value.id,
        "name": value.name,
        "phone": value.phone,
        "avatar_url": value.avatar,
    }
