"""The five base classes of errors. Each message is a sentence for the user."""


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

    `fields` maps the name of a field to the message shown beside it.
    """

    code = "invalid"

    def __init__(self, message: str = "", **fields: str) -> None:
        super().__init__(message or next(iter(fields.values()), ""))
        self.fields = fields


class Unavailable(OneHourError):
    """A required service does not respond. Nothing was lost. Try again in a moment."""

    code = "unavailable"
