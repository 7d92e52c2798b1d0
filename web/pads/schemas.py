"""Pads in JSON. Changes, states and vectors are bytes, written in base64."""

from __future__ import annotations

from base64 import b64decode, b64encode
from binascii import Error as WrongBase64

from pydantic import ConfigDict, Field
from typing_extensions import TypedDict

from core.errors import Invalid
from core.pads import CHANGE_MAXIMUM
from services.pads import ReadPad, Synced
from web.shared.api import Body
from web.shared.schemas import Moment, moment

VECTOR_MAXIMUM = 40_000


class PadSchema(TypedDict):
    """The text of a pad, and the name of its language. `updated_at` is null if nobody has written
    in it. It can be changed until `closes_at` if `editable`."""

    booking_id: str
    text: str
    language: str
    size: int
    updated_at: Moment | None
    editable: bool
    closes_at: Moment


class SyncBody(Body):
    """`vector` is the state vector of what you have, by `Y.encodeStateVector`, empty for nothing.
    `change` is what you have written, by `Y.encodeStateAsUpdate`; empty for nothing."""

    model_config = ConfigDict(extra="forbid", str_max_length=CHANGE_MAXIMUM * 4 // 3 + 4)

    vector: str = Field(default="", max_length=VECTOR_MAXIMUM)
    change: str = ""


class SyncSchema(TypedDict):
    """`change` is what you lack, for `Y.applyUpdate`. The pad has all changes up to `seq`."""

    seq: int
    change: str
    language: str
    editable: bool
    closes_at: Moment


def read_bytes(text: str, field: str) -> bytes:
    """Raises `Invalid` for what is no base64."""
    try:
        return b64decode(text, validate=True)
    except (WrongBase64, ValueError) as error:
        raise Invalid(**{field: "This is not base64."}) from error


def pad(read: ReadPad) -> PadSchema:
    return {
        "booking_id": read.booking.id,
        "text": read.pad.text,
        "language": read.pad.language,
        "size": read.pad.size,
        "updated_at": moment(read.pad.changed_at) if read.pad.version else None,
        "editable": read.is_editable,
        "closes_at": moment(read.closes_at),
    }


def synced(found: Synced) -> SyncSchema:
    return {
        "seq": found.seq,
        "change": b64encode(found.missing).decode(),
        "language": found.read.pad.language,
        "editable": found.read.is_editable,
        "closes_at": moment(found.read.closes_at),
    }
