"""A checked file of everybody who has one, and an upload that has begun."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.files import FileId, Purpose
from tests.app import CALLER
from tests.builders.files import TEXT, begun, final, hash_of
from tests.web.route_samples import NO_BODY, PathVariable, RouteSamples

if TYPE_CHECKING:
    from tests.web.every_role import SiteWithEveryRole

NO_FILE = f"fil_{'9' * 26}"
OWNERS = ("client", "client2", "dev", "dev2", "bothC", "bothD", "token", "admin", "pend", "susp")
UPLOAD = {
    "purpose": "brief",
    "name": "notes.txt",
    "size": len(TEXT),
    "sha256": hash_of(TEXT),
    "type": "text/plain",
}

BOUNDARY = "a-boundary"
SENT = {
    "data": b"\r\n".join(
        (
            f"--{BOUNDARY}".encode(),
            b'Content-Disposition: form-data; name="files"; filename="notes.txt"',
            b"Content-Type: text/plain",
            b"",
            TEXT,
            f"--{BOUNDARY}--".encode(),
            b"",
        )
    ),
    "headers": {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"},
}


async def prepare(site: SiteWithEveryRole) -> None:
    for name in OWNERS:
        account = site.people[name].account
        assert account
        file = await final(site.app, account.id, purpose=Purpose.BRIEF)
        site.people[name].own["file_id"] = file.id
    client = site.account("client")
    plan = await begun(site.app, client.id)
    assert plan.put
    site.facts["upload_token"] = plan.put.url.rpartition("/")[2]
    own = FileId(site.people["client"].own["file_id"])
    link = await site.app.services.files.link(own, by=client, caller=CALLER)
    site.facts["download_token"] = link.url.rpartition("/")[2]


SAMPLES = RouteSamples(
    bodies={
        "api_files.begin": {"json": UPLOAD},
        "api_files.complete": NO_BODY,
        "api_files.discard": NO_BODY,
        "file_uploads.send": SENT,
        "file_uploads.remove": NO_BODY,
        "storage.receive": {
            "data": TEXT,
            "headers": {"Content-Type": "application/octet-stream"},
        },
    },
    variables={
        "file_id": PathVariable(
            example=lambda site: site.file_id,
            own=lambda person, booking: person.own.get("file_id"),
            absent=NO_FILE,
        ),
        "purpose": PathVariable(
            example=lambda site: "brief", known=lambda site: "brief", absent="nothing"
        ),
        "upload_token": PathVariable(
            example=lambda site: "no-token",
            known=lambda site: site.facts["upload_token"],
            absent="no-token",
        ),
        "download_token": PathVariable(
            example=lambda site: "no-token",
            known=lambda site: site.facts["download_token"],
            absent="no-token",
        ),
    },
    prepare=prepare,
)
