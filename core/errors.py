"""The five base classes of errors. Each message is a sentence for the user."""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType

SEVERAL = "Several fields are not valid."


class OneHourError(Exception):
    """Base of all errors the application raises on purpose.

    `code` is the stable, machine-readable name in API responses. Without a `message` the first
    line of the class's docstring is the message.
    """

    code = "error"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (self.__doc__ or self.code).strip().splitlines()[0])

    @property
    def message(self) -> str:
        return str(self.args[0])


class NotFound(OneHourError):
    """This does not exist, or you may not see it."""

    code = "not_found"


class Forbidden(OneHourError):
    """Your account may not do this."""

    code = "forbidden"


class Conflict(OneHourError):
    """This has changed in the meantime. Check it and try again."""

    code = "conflict"


class Invalid(OneHourError):
    """Something in the request is not valid.

    `fields` maps the name of a field to the message shown beside it. Without a `message` the one
    of its only field is the message.
    """

    code = "invalid"

    def __init__(self, message: str = "", **fields: str) -> None:
        only = SEVERAL if len(fields) > 1 else next(iter(fields.values()), "")
        super().__init__(message or only)
        self.fields = fields


class Errors:
    """Collects the errors of several checks, so that one answer names all wrong fields:

        errors = Errors()
        with errors:
            name = checked_name(name)
        with errors:
            email = folded_email(email)
        errors.check()

    A block ends at its first `Invalid`; the values it was to assign may be used after `check`
    only. Of two errors of one field the first is kept. An `Invalid` without fields is not
    collected but raised.
    """

    def __init__(self) -> None:
        self._errors: list[Invalid] = []

    @property
    def fields(self) -> Mapping[str, str]:
        """The messages collected so far, by field."""
        found: dict[str, str] = {}
        for error in self._errors:
            for name, text in error.fields.items():
                found.setdefault(name, text)
        return found

    def add(self, **fields: str) -> None:
        self._errors.append(Invalid(**fields))

    def check(self) -> None:
        """Raises `Invalid` with all fields if there was an error; a single one as it was raised."""
        if len(self._errors) == 1:
            raise self._errors[0]
        if self._errors:
            raise Invalid(**self.fields)

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> bool:
        if isinstance(error, Invalid) and error.fields:
            self._errors.append(error)
            return True
        return False


class Unavailable(OneHourError):
    """A required service does not respond. Nothing was lost. Try again in a moment."""

    code = "unavailable"
    service = "a service"
    """Which one: for operators, in the log and in readiness checks."""
