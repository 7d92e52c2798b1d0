"""The JSON API: names and shapes outside programs rely on (docs/api.md)."""

from quart import Blueprint

from web.api import (
    accounts,
    activity,
    administration,
    avatars,
    bookings,
    clients,
    developers,
    factors,
    identities,
    jobs,
    passwords,
    payments,
    sessions,
    tokens,
)
from web.api.base import API

BLUEPRINTS: tuple[Blueprint, ...] = (
    accounts.blueprint,
    activity.blueprint,
    sessions.blueprint,
    factors.blueprint,
    passwords.blueprint,
    tokens.blueprint,
    identities.blueprint,
    administration.blueprint,
    avatars.blueprint,
    bookings.blueprint,
    clients.blueprint,
    developers.blueprint,
    jobs.blueprint,
    payments.blueprint,
)

__all__ = ["API", "BLUEPRINTS"]
