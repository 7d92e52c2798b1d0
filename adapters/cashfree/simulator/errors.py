"""Error responses of the simulator, in Cashfree's format."""

from __future__ import annotations

HELP = "The codes are explained in the documentation of the Payments API."


class ApiError(Exception):
    """An error response with this HTTP status; `body` is its JSON: message, help, code, type."""

    def __init__(
        self, status: int, code: str, message: str, kind: str = "invalid_request_error"
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.kind = kind

    @property
    def body(self) -> dict[str, object]:
        return {"message": str(self), "help": HELP, "code": self.code, "type": self.kind}


def invalid(field: str, message: str) -> ApiError:
    return ApiError(400, f"{field}_invalid", message)


def missing(field: str) -> ApiError:
    return ApiError(400, f"{field}_missing", f"{field} is missing in the request")


def not_found(entity: str) -> ApiError:
    return ApiError(404, f"{entity}_not_found", f"{entity.replace('_', ' ')} does not exist")
