"""T19 through the real application on disk: each hostile file is uploaded, checked and downloaded
over HTTP. Nothing is served active or inline, and nothing is stored outside its folder."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path

import httpx
import pytest

from tests.api_client import API
from tests.hostile_files import CORPUS, HostileFile
from tests.hostile_files.sample import other
from tests.patience import PATIENCE_S
from tests.process.hostile_uploads import Sender
from tests.process.running import RunningApp

pytestmark = pytest.mark.process

SAMPLE = 6
"""Every sixth file of the corpus is in the quick test."""
AT_ONCE = 6
EACH = 150
"""Files of one account, which may begin 200 uploads in an hour."""
OBJECT = re.compile(r"fil_[0-9a-z]{26}(-[0-9a-z]{1,16})?")


async def test_a_sample_of_hostile_files_does_no_harm(running: RunningApp) -> None:
    await send_all(running, list(CORPUS)[::SAMPLE])


@pytest.mark.long
async def test_no_hostile_file_does_harm(running: RunningApp) -> None:
    await send_all(running, list(CORPUS))


async def send_all(running: RunningApp, titles: list[str]) -> None:
    before = files_outside(running)
    for start in range(0, len(titles), EACH):
        sender = Sender(await running.client())
        waiting = iter(titles[start : start + EACH])
        await asyncio.gather(*(send_some(sender, waiting) for _ in range(AT_ONCE)))
        assert sender.wrong == {}
    assert files_outside(running) == before
    stored = [path.name for path in objects(running)]
    assert len(stored) > len(titles) / 2
    assert [name for name in stored if not OBJECT.fullmatch(name)] == []


async def send_some(sender: Sender, titles: Iterable[str]) -> None:
    for title in titles:
        await sender.send(title, CORPUS[title])


def storage_of(running: RunningApp) -> Path:
    return running.data / "files"


def objects(running: RunningApp) -> list[Path]:
    return [path for path in storage_of(running).rglob("*") if path.is_file()]


def files_outside(running: RunningApp) -> set[Path]:
    """Everything below the folder of the application but its databases, logs and stored files."""
    own = {"files", "logs", "mongo", "redis"}
    found = (path.relative_to(running.folder) for path in running.folder.rglob("*"))
    return {path for path in found if not own & set(path.parts) and "sqlite3" not in path.name}


async def test_a_file_that_is_cut_off_is_never_visible(running: RunningApp) -> None:
    sender = Sender(await running.client())
    content = bytes(range(256)) * 4_000
    upload = await sender.begin(other(content), content)
    before = visible(running, upload["id"])

    async def half() -> object:
        yield content[: len(content) // 2]
        raise ConnectionError("the browser has gone")

    for _ in range(2):
        async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
            headers = {**upload["put"]["headers"], "Content-Length": str(len(content))}
            with pytest.raises((ConnectionError, httpx.TransportError)):
                await http.put(upload["put"]["url"], content=half(), headers=headers)  # type: ignore[arg-type]
    answer = await sender.client.raw("POST", f"/uploads/{upload['id']}/complete")

    assert (answer.status_code, answer.json()["code"]) == (409, "parts_missing")
    assert answer.json()["parts"] == [1]
    assert visible(running, upload["id"]) == before == []
    assert (await sender.client.http.get(f"{API}/files/{upload['id']}")).status_code == 404


def visible(running: RunningApp, file_id: str) -> list[Path]:
    """The objects of a file that can be read: not what is being written."""
    return [path for path in objects(running) if OBJECT.fullmatch(path.name) and
            path.name.startswith(file_id)]  # fmt: skip


async def test_a_link_that_was_used_changes_nothing_when_it_is_used_again(
    running: RunningApp,
) -> None:
    """Nor does one of another person, one for another size, or with other bytes."""
    sender, stranger = Sender(await running.client()), Sender(await running.client())
    content, evil = b"The first text.\n", b"Another text!!!\n"
    file = HostileFile(lambda: content, None, "notes.txt", "text/plain")
    upload = await sender.begin(file, content)
    put = upload["put"]

    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
        too_long = await http.put(put["url"], content=content + b"x", headers=put["headers"])
        sent = await http.put(put["url"], content=content, headers=put["headers"])
        await sender.client.post(f"/uploads/{upload['id']}/complete")
        done = await sender.checked(upload["id"])
        again = await http.put(put["url"], content=evil, headers=put["headers"])
    theirs = await stranger.begin(file, content)
    foreign = await stranger.client.raw("POST", f"/uploads/{upload['id']}/complete")
    async with httpx.AsyncClient(timeout=PATIENCE_S) as http:  # the key of another file in the path
        token = theirs["put"]["url"].rpartition("/")[2]
        forged = put["url"].rpartition("/")[0] + "/" + token[:-4] + "AAAA"
        refused = await http.put(forged, content=content, headers=put["headers"])
        wrong = await http.put(theirs["put"]["url"], content=evil, headers=put["headers"])
    await stranger.client.post(f"/uploads/{theirs['id']}/complete")
    other_bytes = await stranger.checked(theirs["id"])

    assert (too_long.status_code, sent.status_code, wrong.status_code) == (409, 204, 204)
    assert again.status_code in (204, 403, 409)
    assert (foreign.status_code, refused.status_code) == (404, 403)
    assert done["state"] == "final"
    assert (await sender.download(f"/files/{upload['id']}")).content == content
    assert other_bytes["state"] == "refused"
    assert other_bytes["reason"] == "The file did not arrive as it was sent. Upload it again."
    for path in (f"/files/{upload['id']}", f"/uploads/{upload['id']}"):
        assert (await stranger.client.http.get(f"{API}{path}")).status_code == 404
