"""The site with its demo data, as `onehour run` starts it, and the people who log in there."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from bench.accounts import API
from onehour import demo
from onehour.local.ports import choose_ports

START_S = 180.0
STOP_S = 30.0


@asynccontextmanager
async def demo_site(folder: Path) -> AsyncIterator[str]:
    """Its URL, while the block runs; data and logs are in `folder`. Raises `RuntimeError` if it
    does not start."""
    port = choose_ports(("site",), remembered=folder / "site.json")["site"]
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("ONEHOUR_")},
        "ONEHOUR_DATA_DIR": str(folder),
        "ONEHOUR_PORT": str(port),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "onehour.cli", "run", env=environ, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        base_url = f"http://127.0.0.1:{port}"
        await _until_ready(base_url, process)
        yield base_url
    finally:
        if process.returncode is None:
            process.terminate()
            await asyncio.wait_for(process.wait(), STOP_S)


async def cookies_of(base_url: str, person: demo.Person) -> str:
    """Log in; returns the value of the header Cookie of this session."""
    async with httpx.AsyncClient(base_url=base_url) as client:
        token = (await client.get(f"{API}/csrf")).json()["token"]
        answer = await client.post(
            f"{API}/auth/login",
            json={"email": person.email, "password": demo.PASSWORD},
            headers={"X-CSRF-Token": token},
        )
        answer.raise_for_status()
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


async def _until_ready(base_url: str, process: asyncio.subprocess.Process) -> None:
    async with httpx.AsyncClient(base_url=base_url) as client, asyncio.timeout(START_S):
        while process.returncode is None:
            try:
                if (await client.get("/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.2)
    raise RuntimeError(f"`onehour run` ended with status {process.returncode}")
