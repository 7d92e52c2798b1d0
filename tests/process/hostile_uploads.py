"""Sends one hostile file through the API of a running application, and judges what comes out."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, field
from typing import Any

import httpx

from core.files import Kind
from tests.api_client import API, ApiClient, until
from tests.hostile_files import HostileFile
from tests.patience import PATIENCE_S

ACTIVE = re.compile(r"html|xml|svg|script|flash|java|css|mht|multipart")
"""In types that browsers may run."""
CHECKED_S = 5 * PATIENCE_S
"""Those that take long are inspected one after the other, each twice for up to a minute."""
PICTURES = {"image/webp", "image/jpeg"}
FILE_NAME = re.compile(
    r'attachment; filename="[^"/\\\x00-\x1f\x7f]{1,255}"(; filename\*=UTF-8\'\'\S+)?'
)


@dataclass
class Sender:
    """An account that uploads, and what was wrong, by the title of the file."""

    client: ApiClient
    wrong: dict[str, str] = field(default_factory=dict)

    async def send(self, title: str, file: HostileFile) -> None:
        content = file.make()
        upload = await self.begin(file, content)
        if upload["id"] is None:  # refused before a byte was sent
            self.wrong |= {} if _has_half_a_character(file.name) else {title: "is refused at once"}
            return
        await self._put(upload, content)
        await self.client.post(f"/uploads/{upload['id']}/complete")
        done = await self.checked(upload["id"])
        problem = await self._problem(file, done, content)
        if problem:
            self.wrong[title] = problem

    async def begin(self, file: HostileFile, content: bytes) -> Any:
        body = {
            "purpose": "delivery", "name": file.name, "type": file.declared_type,
            "size": len(content), "sha256": hashlib.sha256(content).hexdigest(),
        }  # fmt: skip
        if not self.client.token:
            self.client.token = (await self.client.get("/csrf"))["token"]
        answer = await self.client.http.post(
            f"{API}/uploads",
            content=json.dumps(body),  # also what is no UTF-8
            headers={"Content-Type": "application/json", "X-CSRF-Token": self.client.token},
        )
        refused = answer.status_code == 422 and answer.json()["errors"][0]["field"] == "name"
        assert answer.status_code == 201 or refused, answer.text
        return {"id": None} if refused else answer.json()

    async def _put(self, upload: Any, content: bytes) -> None:
        size = upload["parts"]["size"] if upload["parts"] else len(content)
        puts = {"1": upload["put"]["url"]} if upload["put"] else upload["parts"]["urls"]
        headers = upload["put"]["headers"] if upload["put"] else {}
        async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
            for number, url in puts.items():
                part = content[(int(number) - 1) * size : int(number) * size]
                answer = await http.put(url, content=part, headers=headers)
                assert answer.status_code == 204, answer.text

    async def checked(self, upload: str) -> Any:
        async def ended() -> Any:
            found = await self.client.get(f"/uploads/{upload}")
            return found if found["state"] in ("final", "refused") else None

        return await until(ended, what="the end of the check", timeout_s=CHECKED_S, every_s=0.3)

    async def _problem(self, file: HostileFile, done: Any, content: bytes) -> str:
        if file.kind is None:
            return await self._of_refused(done)
        if done["state"] != "final" or done["file"]["kind"] != file.kind.value:
            return f"is {done['state']}, {done['file'] and done['file']['kind']}: {done['reason']}"
        pictures = {"small", "large"} & done["file"]["previews"].keys()
        if bool(pictures) is not file.pictures:
            return f"has the previews {pictures}"
        answers = {"": await self.download(f"/files/{done['id']}")}
        for name in done["file"]["previews"]:
            answers[name] = await self.download(f"/files/{done['id']}/preview?size={name}")
        if answers[""].content != content:
            return "is not the file that was sent"
        problems = (_of_answer(file, name, answer) for name, answer in answers.items())
        return next(filter(None, problems), "")

    async def _of_refused(self, done: Any) -> str:
        if done["state"] != "refused" or not done["reason"] or done["file"]:
            return f"is {done['state']}: {done['reason']}"
        for path in (f"/files/{done['id']}", f"/files/{done['id']}/preview"):
            if (await self.client.http.get(f"{API}{path}")).status_code != 404:
                return f"is refused and at {path}"
        return ""

    async def download(self, path: str) -> httpx.Response:
        """As a browser follows the link: without the cookies of the site."""
        answer = await self.client.http.get(f"{API}{path}")
        assert answer.status_code == 303, answer.text
        async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
            return await http.get(answer.headers["Location"])


def _has_half_a_character(name: str) -> bool:
    return any("\ud800" <= each <= "\udfff" for each in name)


def _of_answer(file: HostileFile, preview: str, answer: httpx.Response) -> str:
    """What a browser could run, or store at another place, in the answer to a download."""
    headers, kind = answer.headers, answer.headers["Content-Type"].partition(";")[0]
    if answer.status_code != 200 or "Set-Cookie" in headers:
        return f"{preview} answers {answer.status_code}"
    if headers["Content-Security-Policy"] != "default-src 'none'; sandbox":
        return f"{preview} is not in a sandbox"
    if headers["X-Content-Type-Options"] != "nosniff":
        return f"{preview} has a type that browsers guess"
    if not FILE_NAME.fullmatch(headers["Content-Disposition"]):
        return f"{preview} has the name {headers['Content-Disposition']}"
    if ACTIVE.search(kind) or (file.kind is Kind.TEXT and kind != "text/plain"):
        return f"{preview} has the active type {kind}"
    if preview and kind != ("text/plain" if preview == "text" else kind):
        return f"{preview} has the type {kind}"
    if preview in ("small", "large") and kind not in PICTURES:
        return f"{preview} has the type {kind}"
    return ""
