"""How the text of a setting becomes a value: what is wanted, in words, and how it is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any, Generic, TypeVar, cast
from urllib.parse import urlsplit

from core.errors import Invalid
from core.policy import Policy, Terms

T = TypeVar("T")


class WrongSetting(Invalid):
    """One sentence for the operator: which setting is wrong or missing, and what is wanted."""

    code = "wrong_setting"


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """A kind of value. `read` raises `ValueError` for a text that is not `wanted`."""

    wanted: str
    read: Callable[[str], T]

    def value(self, name: str, text: str) -> T:
        """Raises `WrongSetting`; it never repeats the text, which may be a secret."""
        try:
            return self.read(text)
        except ValueError as error:
            raise WrongSetting(f"{name} must be {self.wanted}.") from error


def setting(kind: Kind[T], default: str = "", *, secret: bool = False) -> T:
    """A field of `Settings`: its environment name is ONEHOUR_ and the field's name in capitals."""
    return cast(T, field(repr=not secret, metadata={"kind": kind, "default": default}))


def text() -> Kind[str]:
    return Kind("a text", str)


def maybe_text() -> Kind[str | None]:
    """Empty means: not set."""
    return Kind("a text", lambda given: given or None)


def choice(*names: str) -> Kind[str]:
    def read(given: str) -> str:
        if given not in names:
            raise ValueError(given)
        return given

    return Kind(_either(names), read)


def number(lowest: int, highest: int) -> Kind[int]:
    def read(given: str) -> int:
        if not lowest <= int(given) <= highest:
            raise ValueError(given)
        return int(given)

    return Kind(f"a whole number from {lowest} to {highest}", read)


def factor() -> Kind[float]:
    def read(given: str) -> float:
        if not 0 < float(given) <= 1000:
            raise ValueError(given)
        return float(given)

    return Kind("a number above 0 and up to 1000", read)


def yes_or_no() -> Kind[bool]:
    return Kind("1 or 0", lambda given: bool(("0", "1").index(given)))


def folder() -> Kind[Path]:
    return Kind("a folder", lambda given: Path(given).expanduser().resolve())


def name_list() -> Kind[tuple[str, ...]]:
    def read(given: str) -> tuple[str, ...]:
        names = tuple(part.strip() for part in given.split(",") if part.strip())
        if not all(re.fullmatch(r"[\w.-]+", name) for name in names):
            raise ValueError(given)
        return names

    return Kind("names separated by commas", read)


def named_secrets() -> Kind[tuple[tuple[str, str], ...]]:
    """Secrets by name, in order; a secret may hold anything but a comma."""

    def read(given: str) -> tuple[tuple[str, str], ...]:
        parts = [part.strip().partition(":") for part in given.split(",") if part.strip()]
        found = [(name, secret) for name, _, secret in parts]
        if len(dict(found)) < len(found):
            raise ValueError("a name is given twice")
        if not all(re.fullmatch(r"[\w.-]{1,32}", n, re.ASCII) and len(s) >= 32 for n, s in found):
            raise ValueError("a name or a secret will not do")
        return tuple(found)

    return Kind("name:secret pairs with commas between, of 32 or more characters a secret", read)


def url(*schemes: str) -> Kind[str | None]:
    """An address with a host and one of these schemes; empty means: not set."""

    def read(given: str) -> str | None:
        if given and (urlsplit(given).scheme not in schemes or not urlsplit(given).netloc):
            raise ValueError(given)
        return given.rstrip("/") or None

    return Kind(f"a URL that begins with {_either([f'{scheme}://' for scheme in schemes])}", read)


def mail_address() -> Kind[str]:
    def read(given: str) -> str:
        if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(given)[1]):
            raise ValueError(given)
        return given

    return Kind("a mail address, such as 1HourDeveloper <hello@example.com>", read)


def _either(names: Iterable[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last


def policy_defaults() -> dict[str, str]:
    """The durations (whole seconds) and counts an operator may change, by field name."""
    return {**_tunable(Policy()), **_tunable(Terms())}


def policy_from(texts: dict[str, str]) -> Policy:
    """The policy with these fields changed; keys as in `policy_defaults`. Raises `WrongSetting`."""
    terms = _changed(Terms(), texts)
    policy = replace(_changed(Policy(), texts), terms=terms)
    if not 1 <= policy.hours_minimum <= policy.hours_maximum:
        raise WrongSetting(
            "ONEHOUR_POLICY_HOURS_MINIMUM must be at least 1 and at most"
            " ONEHOUR_POLICY_HOURS_MAXIMUM."
        )
    if terms.fee_percent > 100:
        raise WrongSetting("ONEHOUR_POLICY_FEE_PERCENT must be a whole number from 0 to 100.")
    return policy


def _tunable(terms: Policy | Terms) -> dict[str, str]:
    found = {part.name: getattr(terms, part.name) for part in fields(terms)}
    return {
        name: str(int(value.total_seconds()) if isinstance(value, timedelta) else value)
        for name, value in found.items()
        if isinstance(value, int | timedelta)
    }


P = TypeVar("P", Policy, Terms)


def _changed(terms: P, texts: dict[str, str]) -> P:
    known = _tunable(terms)
    changes: dict[str, Any] = {}
    for name in known.keys() & texts.keys():
        whole = number(0, 10**9).value(f"ONEHOUR_POLICY_{name.upper()}", texts[name])
        is_duration = isinstance(getattr(terms, name), timedelta)
        changes[name] = timedelta(seconds=whole) if is_duration else whole
    return replace(terms, **changes)
