"""A server with the four endpoints of GitHub that signing in needs, and GitHub's answers."""

from __future__ import annotations

import asyncio
import secrets
from base64 import urlsafe_b64encode
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from socket import socket
from typing import Any
from urllib.parse import urlencode
from zlib import crc32

from hypercorn.asyncio import serve
from hypercorn.config import Config
from quart import Quart, Response, jsonify, redirect, request

CLIENT_ID, CLIENT_SECRET = "Iv1.onehour", "secret of +50% & more"


@dataclass
class GitHub:
    """`bearers` are the people whose tokens are good; a browser says by its cookie `login` who
    sits before it, and by `says` what they think of it."""

    url: str = ""
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    bearers: dict[str, str] = field(default_factory=dict)
    shows_addresses: bool = True
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _running: asyncio.Task[None] | None = None

    async def open(self) -> None:
        listening = socket()
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = Config()
        config.bind = [f"fd://{listening.detach()}"]
        config.graceful_timeout = 0.1
        config.loglevel = "ERROR"
        app = self._app()
        self._running = asyncio.create_task(serve(app, config, shutdown_trigger=self._stop.wait))

    async def close(self) -> None:
        self._stop.set()
        if self._running:
            with suppress(asyncio.CancelledError):
                await self._running

    def _app(self) -> Quart:
        app = Quart(__name__)
        app.get("/login/oauth/authorize")(self._authorize)
        app.post("/login/oauth/access_token")(self._token)
        app.get("/api/user")(self._user)
        app.get("/api/user/emails")(self._emails)
        return app

    async def _authorize(self) -> Any:
        asked = request.args.to_dict()
        back = asked["redirect_uri"]
        if asked["client_id"] != CLIENT_ID or asked["code_challenge_method"] != "S256":
            return Response("404", status=404)
        if request.cookies.get("says") == "no":
            denied = {"error": "access_denied", "state": asked["state"]}
            return redirect(f"{back}?{urlencode(denied)}")
        code = secrets.token_hex(10)
        self.codes[code] = {**asked, "login": request.cookies["login"]}
        return redirect(f"{back}?{urlencode({'code': code, 'state': asked['state']})}")

    async def _token(self) -> Response:
        """Errors come with status 200, as GitHub's do."""
        form = (await request.form).to_dict()
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return jsonify(error="incorrect_client_credentials")
        given = self.codes.pop(form["code"], None)
        if given is None or _challenge(form["code_verifier"]) != given["code_challenge"]:
            return jsonify(error="bad_verification_code")
        if form["redirect_uri"] != given["redirect_uri"]:
            return jsonify(error="redirect_uri_mismatch")
        bearer = f"gho_{secrets.token_hex(18)}"
        self.bearers[bearer] = given["login"]
        return jsonify(access_token=bearer, scope="user:email", token_type="bearer")

    async def _user(self) -> Any:
        login = self._who()
        if login is None:
            return jsonify(message="Bad credentials"), 401
        return jsonify(id=crc32(login.encode()), login=login, name=None, email=None)

    async def _emails(self) -> Any:
        login = self._who()
        if login is None or not self.shows_addresses:
            return jsonify(message="Not Found"), 404
        verified = not login.startswith("unverified")
        return jsonify(
            [
                {"email": "old@example.com", "primary": False, "verified": True},
                {"email": f"{login}@Example.com", "primary": True, "verified": verified},
            ]
        )

    def _who(self) -> str | None:
        return self.bearers.get(request.headers["authorization"].removeprefix("Bearer "))


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
