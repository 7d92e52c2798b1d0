"""The texts of a case bundle: records as JSON, and how to check the bundle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum

from core.calls import Stay
from core.disputes import Dispute
from core.messages import Message

README = """Case {case}, booking {booking}

Everything that belongs to the case, for both sides. Amounts are in minor units (paise), times
in UTC.

case.json          the case with its settlement
booking.json       the booking with its brief and terms
attendance.json    who was in the room of the meeting, and when
pad.json           what both wrote in the pad of the meeting, or null
timeline.json      what happened, step by step
deliveries.json    what was delivered
statements.json, evidence.json, offers.json
refunds.json       refunds at the payment provider
ledger.json        the lines of the ledger
messages-0001.json and so on: the conversation of the two
files/0001 and so on: the files of statements, evidence, deliveries, brief and conversation
files.json         their original names and checksums, and which are not here, with the reason
manifest.txt       a hash chain over all files
SHA256SUMS         the checksums of all files

How to check that nothing was changed:

1. With the program:          onehour disputes verify case-{booking}.zip
2. Without it, unpacked:      sha256sum --check SHA256SUMS
   Every file is "OK", and there are no other files in the folder.
3. Compare the last line of manifest.txt ("end …") with that of the bundle of the other side, or of
   a bundle downloaded again while the case has not changed: equal lines are equal cases.

The last word of that line is a seal, which only the site can make. Its operator checks it with
"onehour disputes verify --seal".
"""


def bundle_readme(dispute: Dispute) -> str:
    return README.format(case=dispute.id, booking=dispute.booking_number)


def as_json(value: object) -> str:
    """Records as JSON, the same text for the same records. Account ids and versions, which are of
    no use outside, are left out."""
    return json.dumps(_plain(value), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def stay_record(stay: Stay, dispute: Dispute) -> Mapping[str, object]:
    """One connection to the room of the meeting, with the side that made it."""
    return {
        "by": dispute.side(stay.account_id),
        "came_at": stay.came_at,
        "seen_at": stay.seen_at,
        "left_at": stay.left_at,
        "inside": stay.inside,
        "trouble": stay.trouble,
    }


def message_record(message: Message, dispute: Dispute) -> Mapping[str, object]:
    """A message with the side that wrote it."""
    return {
        "number": message.seq,
        "by": dispute.side(message.sender),
        "at": message.at,
        "text": message.body,
        "edited_at": message.edited_at,
        "deleted_at": message.deleted_at,
        "files": message.files,
    }


LEFT_OUT = frozenset({"version", "account_id", "order_id", "checkout_url"})


def _plain(value: object) -> object:
    match value:
        case Enum():
            return value.value
        case datetime():
            return value.astimezone(UTC).isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(key): _plain(each) for key, each in value.items()}
        case tuple() | list() | frozenset():
            return [_plain(each) for each in value]
        case _ if is_dataclass(value):
            return {
                part.name: _plain(getattr(value, part.name))
                for part in fields(value)
                if part.name not in LEFT_OUT
            }
        case _:
            return value
