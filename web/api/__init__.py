"""The JSON API: names and shapes outside programs rely on (docs/api.md)."""

from quart import Blueprint

from web.api import accounts, bookings, clients, developers, jobs, payments
from web.api.base import API

BLUEPRINTS: tuple[Blueprint, ...] = (
    accounts.blueprint,
    bookings.blueprint,
    clients.blueprint,
    developers.blueprint,
    jobs.blueprint,
    payments.blueprint,
)

__all__ = ["API", "BLUEPRINTS"]
