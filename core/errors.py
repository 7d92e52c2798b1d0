"""The five families of failure; each message is a sentence for the person who meets it."""


class OneHourError(Exception):
    """Base of every failure the house raises on purpose.

    `code` is the stable, machine-readable name an API answer carries.
    """

    code = "error"

    def __init__(self, message: str = "") -> None:
        super().__init__(message or (self.__doc__ or self.code).strip().splitlines()[0])

    @property
    def message(self) -> str:
        return str(self.args[0])


class NotFound(OneHourError):
    """There is nothing here, or it is not yours to see."""

    code = "not_found"


class Forbidden(OneHourError):
    """Your account may not do this."""

    code = "forbidden"


class Conflict(OneHourError):
    """This has changed in the meantime. Look again, then decide."""

    code = "conflict"


class Invalid(OneHourError):
    """Something in the request needs another look.

    `fields` maps a field's name to the sentence to show beside it.
    """

    code = "invalid"

    def __init__(self, message: str = "", **fields: str) -> None:
        super().__init__(message or next(iter(fields.values()), ""))
        self.fields = fields


class Unavailable(OneHourError):
    """A service this needs does not answer. Nothing was lost; try again in a moment."""

    code = "unavailable"
