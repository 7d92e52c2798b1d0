"""Limits of the built-in capabilities that operators can change: settings ONEHOUR_POLICY_…."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from functools import cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, create_model

from core.bookings_policy import BookingPolicy
from core.files_policy import FILES_MAXIMUM
from core.policy import HOUR, Limits, Policies, Terms
from onehour.sections import read_section, section_names
from ports.settings import WrongSetting
from ports.storage import SIZE_MAXIMUM
from services.bootstrap import CAPABILITIES

PREFIX = "ONEHOUR_POLICY_"
LARGEST = 10**9
BYTES_LARGEST = 10**15
LARGEST_OF = {
    "file_bytes_maximum": SIZE_MAXIMUM,
    "quota_bytes": BYTES_LARGEST,
    "bundle_bytes_maximum": BYTES_LARGEST,
    "files_per_delivery": FILES_MAXIMUM,
    "files_per_message": FILES_MAXIMUM,
    "files_per_brief": FILES_MAXIMUM,
    "files_per_evidence": FILES_MAXIMUM,
    "message_maximum": 20_000,  # as many characters as a text of the API can have
    "no_show_after": int(HOUR.total_seconds()),  # the shortest meeting
    "warn_before_payment": 1,
}
"""The largest values of single settings."""
POLICIES: tuple[type[Limits], ...] = tuple(each.policy for each in CAPABILITIES if each.policy)

P = TypeVar("P")


def policy_names() -> dict[str, str]:
    """The names of the policy settings, with their default values as text."""
    return section_names(_section(), prefix=PREFIX)


def read_policies(texts: Mapping[str, str]) -> Policies:
    """The policies with the values in `texts`, by setting name. Raises `WrongSetting`."""
    given = read_section(_section(), texts, prefix=PREFIX).model_dump(exclude_unset=True)
    policies = [_changed(policy(), given) for policy in POLICIES]
    checked = [*policies, Policies(*policies)[BookingPolicy].terms]
    values = {name: value for policy in checked for name, value in _tunable(policy).items()}
    for policy in checked:
        _check(policy, values, given)
    if Policies(*policies)[BookingPolicy].terms.fee_percent > 100:
        raise WrongSetting("ONEHOUR_POLICY_FEE_PERCENT must be a whole number from 0 to 100.")
    return Policies(*policies)


def _check(policy: Limits, values: Mapping[str, int], given: Mapping[str, int]) -> None:
    """Raises `WrongSetting` for limits that contradict each other. `values` are all there are."""
    for name, value in _tunable(policy).items():
        if not value and name not in policy.MAY_BE_ZERO:
            raise WrongSetting(f"{PREFIX}{name.upper()} must be at least 1.")
    for lower, upper in policy.AT_MOST:
        if values[lower] > values[upper]:
            name, bound, other = lower, "most", upper
            if lower not in given:
                name, bound, other = upper, "least", lower
            raise WrongSetting(
                f"{PREFIX}{name.upper()} must be at {bound} {values[other]}, the value of"
                f" {PREFIX}{other.upper()}."
            )


@cache
def _section() -> type[BaseModel]:
    """A section with a field for every duration (whole seconds) and count."""
    defaults = dict[str, int]()
    for policy in POLICIES:
        defaults |= _tunable(policy())
    defaults |= _tunable(Terms())
    whole = {n: Annotated[int, Field(ge=0, le=LARGEST_OF.get(n, LARGEST))] for n in defaults}
    return create_model("PolicyOptions", **{n: (whole[n], value) for n, value in defaults.items()})  # type: ignore[call-overload, no-any-return]


def _tunable(policy: Any) -> dict[str, int]:
    found = {each.name: getattr(policy, each.name) for each in fields(policy)}
    return {
        name: int(value.total_seconds()) if isinstance(value, timedelta) else value
        for name, value in found.items()
        if isinstance(value, int | timedelta)
    }


def _changed(policy: P, given: Mapping[str, int]) -> P:
    """The policy with the given values, also in the terms it contains."""
    changes = dict[str, object]()
    for part in fields(policy):  # type: ignore[arg-type]
        value = getattr(policy, part.name)
        if is_dataclass(value):
            changes[part.name] = _changed(value, given)
        elif part.name in given and isinstance(value, int | timedelta):
            number = given[part.name]
            seconds = isinstance(value, timedelta)
            changes[part.name] = timedelta(seconds=number) if seconds else number
    return replace(policy, **changes)  # type: ignore[type-var]
