"""Errors as Razorpay sends them."""

from __future__ import annotations

from typing import Any


class ApiError(Exception):
    """A refusal. Razorpay answers 400 also for what does not exist."""

    def __init__(self, description: str, *, field: str = "", status: int = 400) -> None:
        super().__init__(description)
        self.status = status
        self.field = field

    @property
    def body(self) -> dict[str, Any]:
        error: dict[str, Any] = {
            "code": "BAD_REQUEST_ERROR" if self.status < 500 else "SERVER_ERROR",
            "description": str(self),
            "source": "business" if self.field else "NA",
            "step": "payment_initiation" if self.field else "NA",
            "reason": "input_validation_failed" if self.field else "NA",
            "metadata": {},
        }
        return {"error": error | ({"field": self.field} if self.field else {})}


def unknown_id() -> ApiError:
    return ApiError("The id provided does not exist")
