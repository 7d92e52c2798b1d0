"""Profiles of clients."""

from __future__ import annotations

from core.clients import Client, ClientId
from onehour.testing.samples.sample import Sample


def a_client(number: int = 1) -> Client:
    return Client(ClientId(f"cli_{number}"), f"acc_{number}", "Gita Rao", "9876543210", "/f.webp")


SAMPLES = (
    Sample(
        "clients",
        a_client(),
        lambda repositories: repositories.clients.add(a_client()),
        lambda repositories: repositories.clients.get(a_client().id),
    ),
)
