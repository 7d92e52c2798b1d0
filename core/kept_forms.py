"""A form that could not be accepted yet: what was typed, until the person sends it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

FIELDS_MAXIMUM = 200
CHARACTERS_MAXIMUM = 60_000
"""Of all fields of a form together: several of the longest texts the site accepts."""
OF_ONE_BROWSER = 10
"""Forms that are kept for one browser; one more removes the oldest."""


class WhyKept(StrEnum):
    """Why a form was not accepted. The values are stored."""

    LOGGED_OUT = "logged_out"
    """The session had ended while the form was filled in."""
    LOG_IN = "log_in"
    """A visitor has to log in first."""
    STALE = "stale"
    """The form was opened in another session of this browser, or before it lost its cookies."""
    STEP_UP = "step_up"
    """A one-time code has to be entered first."""
    ROLE = "role"
    """The account needs another role first."""


@dataclass(frozen=True, slots=True)
class TypedField:
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class KeptForm:
    """The fields of a form, without passwords, codes and files, in their order.

    `visit` identifies the browser session that sent it, the only one that gets it back. `action`
    is the path it was sent to. `owner` is a mark of the account in which it was opened, empty for
    a visitor. `incomplete`: something was left out, a secret or more than may be kept.
    """

    id: str
    visit: str
    action: str
    why: WhyKept
    expires_at: datetime
    fields: tuple[TypedField, ...] = ()
    owner: str = ""
    incomplete: bool = False
    version: int = 0

    @property
    def first_fields(self) -> dict[str, str]:
        """The first field of each name."""
        return {each.name: each.text for each in reversed(self.fields)}


def bounded(fields: tuple[TypedField, ...]) -> tuple[TypedField, ...]:
    """The fields if they are not too many or too long to be kept, otherwise none."""
    characters = sum(len(each.name) + len(each.text) for each in fields)
    return fields if len(fields) <= FIELDS_MAXIMUM and characters <= CHARACTERS_MAXIMUM else ()
