"""`deploy/compose.yaml`, as `docker compose` reads it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from onehour.dotenv import read_dotenv
from onehour.settings import Settings, setting_names
from onehour.web import GRACEFUL_TIMEOUT_S
from tests.deploy import DEPLOY
from tests.go import compose_project

pytestmark = pytest.mark.long  # the program that reads the file is built first

OURS = {"prepare", "web", "worker"}
END_BY_THEMSELVES = {"prepare", "mongo-key", "mongo-init"}
CHECKED_BY_ITS_IMAGE = {"web"}
METRICS = {"ONEHOUR_METRICS_HOST", "ONEHOUR_METRICS_WORKER_PORT"}
"""The worker is checked by them."""
KEYS = {"ONEHOUR_SECRET_KEY": "s" * 48, "ONEHOUR_LASTING_KEY": "l" * 48}


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """All services, with the example files in the place of those the operator makes of them."""
    folder = tmp_path_factory.mktemp("deploy")
    for name in ("compose.yaml", "mongo-init.js"):
        shutil.copy(DEPLOY / name, folder)
    shutil.copy(DEPLOY / ".env.compose", folder / ".env")
    shutil.copy(DEPLOY / ".env.production", folder / "onehour.env")
    found: dict[str, Any] = json.loads(compose_project(folder / "compose.yaml"))["services"]
    return found


def test_the_services_are_there(services: dict[str, Any]) -> None:
    assert services.keys() == {
        *OURS, "mongo-key", "mongo", "mongo-init", "valkey", "s3", "livekit"
    }  # fmt: skip


def test_no_service_can_write_to_its_image_or_gain_rights(services: dict[str, Any]) -> None:
    for name, service in services.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert not service.get("privileged"), name


def test_every_image_has_an_exact_version(services: dict[str, Any]) -> None:
    tags = {name: service["image"].partition(":")[2] for name, service in services.items()}

    assert {n: tag for n, tag in tags.items() if not re.match(r"v?\d+\.\d+\.\d+", tag)} == {}


def test_services_are_checked_unless_they_end_by_themselves(services: dict[str, Any]) -> None:
    checked = {name for name, each in services.items() if each.get("healthcheck", {}).get("test")}

    assert checked == services.keys() - END_BY_THEMSELVES - CHECKED_BY_ITS_IMAGE
    assert "healthcheck" not in services["web"]
    assert all(services[name]["healthcheck"]["disable"] for name in END_BY_THEMSELVES)


def test_what_ends_by_itself_is_not_restarted(services: dict[str, Any]) -> None:
    policies = {name: service["restart"] for name, service in services.items()}

    ending = {name for name, policy in policies.items() if policy == "no"}
    assert ending == END_BY_THEMSELVES
    assert set(policies.values()) == {"no", "unless-stopped"}


def test_each_service_waits_for_what_it_needs(services: dict[str, Any]) -> None:
    def waits(name: str) -> dict[str, str]:
        needed = services[name].get("depends_on", {})
        return {other: how["condition"] for other, how in needed.items()}

    done, healthy = "service_completed_successfully", "service_healthy"
    assert waits("mongo") == {"mongo-key": done}
    assert waits("mongo-init") == {"mongo": healthy}
    assert waits("prepare") == {"mongo-init": done}
    assert waits("web") == waits("worker") == {"prepare": done, "valkey": healthy}


def test_only_the_proxy_on_the_machine_reaches_the_web_server(services: dict[str, Any]) -> None:
    published = {
        (name, port.get("host_ip", ""), port["target"])
        for name, service in services.items()
        for port in service.get("ports", ())
    }

    assert published == {
        ("web", "127.0.0.1", 8000),
        ("livekit", "127.0.0.1", 7880),
        ("livekit", "", 7881),
        ("livekit", "", 7882),
    }


def test_databases_have_no_way_out(services: dict[str, Any]) -> None:
    networks = {name: sorted(service.get("networks") or ()) for name, service in services.items()}

    assert [networks[name] for name in ("mongo", "mongo-init", "valkey", "s3")] == [
        ["internal"]
    ] * 4
    assert networks["web"] == networks["worker"] == ["internal", "outside"]


def test_the_settings_are_those_of_the_example_with_the_services(services: dict[str, Any]) -> None:
    example = read_dotenv(DEPLOY / ".env.production")
    for name in OURS:
        environ = services[name]["environment"]
        assert environ.keys() <= setting_names().keys()
        changed = {key for key, value in environ.items() if example.get(key) != value}
        metrics = METRICS if name == "worker" else set()
        assert changed == {
            "ONEHOUR_HOST", "ONEHOUR_MONGO_URL", "ONEHOUR_MONGO_DATABASE", "ONEHOUR_REDIS_URL",
            "ONEHOUR_DISK_FOLDER", *metrics,
        }  # fmt: skip


def test_web_server_and_worker_share_the_files_and_keep_copies_on_disk(
    services: dict[str, Any],
) -> None:
    mounts = {
        name: {volume["target"]: volume["source"] for volume in services[name]["volumes"]}
        for name in ("web", "worker", "prepare")
    }

    assert {each["/var/lib/onehour"] for each in mounts.values()} == {"files"}
    assert (mounts["web"]["/tmp"], mounts["worker"]["/tmp"]) == ("web-tmp", "worker-tmp")
    assert not services["web"].get("tmpfs")
    assert not services["worker"].get("tmpfs")
    folder = services["web"]["environment"]["ONEHOUR_DISK_FOLDER"]
    assert folder.startswith("/var/lib/onehour/")


def test_the_application_accepts_the_settings(services: dict[str, Any]) -> None:
    environ = services["web"]["environment"]

    settings = Settings.load({**environ, **KEYS}, None)

    assert settings.in_production
    assert (settings.host, settings.port) == ("0.0.0.0", 8000)
    hosts = [urlsplit(environ[f"ONEHOUR_{name}_URL"]).hostname for name in ("MONGO", "REDIS")]
    assert hosts == ["mongo", "valkey"]


def test_every_password_of_the_example_is_used(services: dict[str, Any]) -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")

    assert set(re.findall(r"\$\{(\w+):[?-]", text)) == read_dotenv(DEPLOY / ".env.compose").keys()


def test_processes_have_the_time_to_finish_their_work(services: dict[str, Any]) -> None:
    graces = {name: services[name]["stop_grace_period"] for name in ("web", "worker")}

    assert graces == {"web": "30s", "worker": "1m15s"}
    assert GRACEFUL_TIMEOUT_S < 30


def test_the_script_for_mongodb_is_valid() -> None:
    if not shutil.which("node"):
        pytest.skip("Node is not installed")

    done = subprocess.run(
        ["node", "--check", DEPLOY / "mongo-init.js"], capture_output=True, text=True, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_a_missing_password_stops_the_start(tmp_path: Path) -> None:
    shutil.copy(DEPLOY / "compose.yaml", tmp_path)
    shutil.copy(DEPLOY / ".env.production", tmp_path / "onehour.env")

    with pytest.raises(AssertionError, match="required variable MONGO_PASSWORD is missing"):
        compose_project(tmp_path / "compose.yaml")
