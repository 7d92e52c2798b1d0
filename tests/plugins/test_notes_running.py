"""The same plugin as its operators use it: installed, named by settings, in real processes."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.api_client import ApiClient, until
from tests.patience import PATIENCE_S
from tests.process.patience_plugin import install_patience
from tests.process.running import RunningApp
from tests.process.socket_clients import PatientClient

pytestmark = pytest.mark.process

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
async def running(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningApp]:
    folder, mails = tmp_path_factory.mktemp("running"), tmp_path_factory.mktemp("mails")
    app = RunningApp(
        folder,
        PYTHONPATH=os.pathsep.join([str(ROOT), str(installed(folder))]),
        ONEHOUR_PLUGINS="notes,patience",
        ONEHOUR_MAIL="notes_folder",
        ONEHOUR_PLUGIN_NOTES_MAIL_FOLDER=str(mails),
        ONEHOUR_PLUGIN_NOTES_KEEP_DAYS="30",
    )
    MailFolderClient.mails = mails
    async with app:
        yield app
        await app.audit()


def installed(folder: Path) -> Path:
    """What pip writes down about a distribution, with its entry point."""
    packages = folder / "packages"
    about = packages / "onehour_notes-1.0.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: onehour-notes\nVersion: 1.0.0\n")
    (about / "entry_points.txt").write_text(
        "[onehour.plugins]\nnotes = tests.plugins.notes:Notes\n"
    )
    install_patience(packages)
    return packages


class MailFolderClient(ApiClient):
    """Finds its codes where the plugin's mailer writes mails."""

    mails: Path

    async def mailed_codes(self, email: str) -> list[str]:
        subjects = [m["subject"] for m in received(self.mails, email)]
        codes = [subject for subject in subjects if subject.startswith("Your code is")]
        return ["".join(mark for mark in subject if mark.isdigit()) for subject in codes]


def received(folder: Path, email: str) -> list[dict[str, Any]]:
    """The mails to an address, the newest first."""
    files = sorted(folder.glob("*.json"), key=lambda file: file.stat().st_mtime, reverse=True)
    mails = [json.loads(file.read_text() or "{}") for file in files]
    return [mail for mail in mails if mail.get("to") == email]


async def test_every_contribution_works_in_the_running_application(running: RunningApp) -> None:
    client = await running.client(MailFolderClient)
    developer, profile = await running.developer(MailFolderClient)
    email = (await client.get("/me"))["email"]

    # API, stored documents, outbox message, live event, socket event.
    live = await listening(running, client)
    note = await client.put(f"/notes/{profile}", {"text": "Knows indexes."})
    told = await until(live.heard, what="notes:changed")
    counted = await live.socket.call("notes:count", {})
    await live.socket.disconnect()

    # Page, panel, navigation, static files, live script.
    page = (await client.http.get(f"/developers/{profile}")).text
    script = await client.http.get("/static/notes/js/changed.js")
    sheets = (await client.http.get("/static/look.css")).text

    # Question, event, notice, e-mail template, adapter, timeline.
    await client.put(f"/notes/{profile}", {"text": "Never again.", "avoid": True})
    start = await client.free_start(profile)
    refused = await client.book(profile, start, expect=409)
    await client.put(f"/notes/{profile}", {"text": "Once more."})
    booking = await client.book(profile, start)
    await client.pay(booking["checkout"]["order_id"])
    job = (await developer.booking_in("requested", booking["id"]))["job_id"]
    await developer.post(f"/bookings/{booking['id']}/accept")
    await developer.post(f"/jobs/{job}/deliveries", {"note": "Done."}, expect=201)
    await client.post(f"/jobs/{job}/approve")
    await until(lambda: invited(email), what="an invitation")
    timeline = await client.get(f"/bookings/{booking['id']}/timeline")

    # Periodic job, personal data.
    jobs = await running.rows("periodic_jobs")
    exported = await client.get("/me/export")

    assert note["text"] == "Knows indexes."
    assert told == {"developer": profile}
    assert counted == {"ok": True, "count": 1}
    assert "Your note" in page and "Knows indexes." in page
    assert 'href="/notes"' in page and "notes/js/changed.js" in page
    assert script.status_code == 200 and ".note{" in sheets
    assert (refused["code"], refused["detail"]) == (
        "booking_vetoed", "You noted to avoid this developer."
    )  # fmt: skip
    assert [entry["what"] for entry in timeline["items"]].count("note_invited") == 1
    assert [row for row in jobs if row["_id"] == "notes.remove_old"]
    assert [each["text"] for each in exported["notes"]] == ["Once more."]


async def invited(email: str) -> bool:
    subjects = [mail["subject"] for mail in received(MailFolderClient.mails, email)]
    return len([subject for subject in subjects if subject.startswith("A note on ")]) == 1


class Listening:
    """A connected socket, and the data of the last event `notes:changed`."""

    def __init__(self) -> None:
        self.socket = PatientClient(request_timeout=PATIENCE_S)
        self._data: asyncio.Queue[Any] = asyncio.Queue()
        self.socket.on("notes:changed", self._data.put)

    async def heard(self) -> Any:
        return self._data.get_nowait() if not self._data.empty() else None


async def listening(running: RunningApp, client: ApiClient) -> Listening:
    live = Listening()
    cookies = "; ".join(f"{name}={value}" for name, value in client.http.cookies.items())
    await live.socket.connect(
        running.base_url, headers={"Cookie": cookies}, transports=["websocket"]
    )
    return live
