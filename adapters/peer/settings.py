"""Settings of calls from browser to browser."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

HOST = r"(?P<host>[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(?P<port>\d{1,5}))?"
STUN = re.compile(rf"stuns?:{HOST}")
TURN = re.compile(rf"turns?:{HOST}(?:\?transport=(?:udp|tcp))?")
LABEL = re.compile(r"(?!-)[A-Za-z0-9-]+(?<!-)")
"""A part of the name of a host."""
URLS_MAXIMUM = 4
"""More of them slow down how browsers connect."""


def _listed(given: object) -> object:
    return tuple(filter(None, (url.strip() for url in str(given).split(",")))) if given else ()


def _usable(given: tuple[str, ...], form: re.Pattern[str]) -> bool:
    """Whether browsers take these addresses: one that they refuse stops every call."""
    found = [form.fullmatch(url) for url in given]
    return len(given) <= URLS_MAXIMUM and all(
        each and _is_host(each["host"]) and 1 <= int(each["port"] or 1) <= 65_535 for each in found
    )


def _is_host(name: str) -> bool:
    """An IPv6 address in brackets, or a name."""
    return name.startswith("[") or all(map(LABEL.fullmatch, name.removesuffix(".").split(".")))


def _stun(given: tuple[str, ...]) -> tuple[str, ...]:
    if not _usable(given, STUN):
        raise ValueError("at most 4 addresses such as stun:turn.example.com:3478, with commas")
    return given


def _turn(given: tuple[str, ...]) -> tuple[str, ...]:
    if not _usable(given, TURN):
        raise ValueError(
            "at most 4 addresses such as turn:turn.example.com:3478?transport=udp, with commas"
        )
    return given


class PeerOptions(BaseSettings):
    """The settings section `ONEHOUR_PEER_…`."""

    model_config = SettingsConfigDict(
        env_prefix="ONEHOUR_PEER_", frozen=True, hide_input_in_errors=True
    )

    stun_urls: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_stun)
    ] = ()
    turn_urls: Annotated[
        tuple[str, ...], NoDecode, BeforeValidator(_listed), AfterValidator(_turn)
    ] = ()
    turn_secret: str = Field(default="", repr=False)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if bool(self.turn_urls) != bool(self.turn_secret):
            raise ValueError(
                "ONEHOUR_PEER_TURN_URLS and ONEHOUR_PEER_TURN_SECRET must be set together:"
                " the secret is static-auth-secret of your coturn."
            )
        return self
