"""The numbers of the marketplace an operator may change: ONEHOUR_POLICY_…"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import timedelta
from typing import Annotated, TypeVar

from pydantic import BaseModel, Field, create_model

from core.policy import Policy, Terms
from onehour.sections import read_section, section_names
from ports.settings import WrongSetting

PREFIX = "ONEHOUR_POLICY_"
LARGEST = 10**9

P = TypeVar("P", Policy, Terms)


def policy_names() -> dict[str, str]:
    """The settings of the policy, with the texts of their defaults."""
    return section_names(_section(), prefix=PREFIX)


def read_policy(texts: Mapping[str, str]) -> Policy:
    """The policy with what `texts` change, by setting name. Raises `WrongSetting`."""
    given = read_section(_section(), texts, prefix=PREFIX).model_dump(exclude_unset=True)
    terms = _changed(Terms(), given)
    policy = replace(_changed(Policy(), given), terms=terms)
    if not 1 <= policy.hours_minimum <= policy.hours_maximum:
        raise WrongSetting(
            "ONEHOUR_POLICY_HOURS_MINIMUM must be at least 1 and at most"
            " ONEHOUR_POLICY_HOURS_MAXIMUM."
        )
    if terms.fee_percent > 100:
        raise WrongSetting("ONEHOUR_POLICY_FEE_PERCENT must be a whole number from 0 to 100.")
    return policy


def _section() -> type[BaseModel]:
    """A section with a field for every duration (whole seconds) and count."""
    whole = Annotated[int, Field(ge=0, le=LARGEST)]
    defaults = {**_tunable(Policy()), **_tunable(Terms())}
    return create_model("PolicyOptions", **{n: (whole, value) for n, value in defaults.items()})  # type: ignore[call-overload, no-any-return]


def _tunable(part: Policy | Terms) -> dict[str, int]:
    found = {each.name: getattr(part, each.name) for each in fields(part)}
    return {
        name: int(value.total_seconds()) if isinstance(value, timedelta) else value
        for name, value in found.items()
        if isinstance(value, int | timedelta)
    }


def _changed(part: P, given: Mapping[str, int]) -> P:
    changes = {
        name: timedelta(seconds=given[name])
        if isinstance(getattr(part, name), timedelta)
        else given[name]
        for name in _tunable(part).keys() & given.keys()
    }
    return replace(part, **changes)  # type: ignore[arg-type]
