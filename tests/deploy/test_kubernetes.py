"""The manifests of `deploy/kubernetes/`: valid by the schemas of Kubernetes, and consistent."""

from __future__ import annotations

from typing import Any

import kubernetes_validate
import pytest
import yaml

from adapters.prometheus.endpoint import PATH
from adapters.prometheus.outbox import READ_S, OutboxState, families
from onehour.settings import Settings, setting_names
from onehour.web import DRAIN_DELAY_S, GRACEFUL_TIMEOUT_S
from tests.deploy import DEPLOY
from tests.go import kustomize

FOLDER = DEPLOY / "kubernetes"
FILES = sorted(file for file in FOLDER.glob("*.yaml") if file.name != "kustomization.yaml")
APART = {"prepare.yaml", "secret.example.yaml"}
"""Applied by themselves: each says why."""
VERSION = "1.37"
KEYS = {"ONEHOUR_SECRET_KEY": "s" * 48, "ONEHOUR_LASTING_KEY": "l" * 48}
Manifest = dict[str, Any]


def read(name: str) -> list[Manifest]:
    return list(yaml.safe_load_all((FOLDER / name).read_text(encoding="utf-8")))


def manifest(kind: str, name: str) -> Manifest:
    every = [each for file in FILES for each in read(file.name)]
    (found,) = (m for m in every if (m["kind"], m["metadata"]["name"]) == (kind, name))
    return found


def pods() -> dict[str, Manifest]:
    """The pod templates by their component."""
    owners = [
        manifest("Deployment", "onehour-web"),
        manifest("Deployment", "onehour-worker"),
        manifest("Job", "onehour-prepare"),
    ]
    templates = [owner["spec"]["template"] for owner in owners]
    return {each["metadata"]["labels"]["app.kubernetes.io/component"]: each for each in templates}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_manifests_are_valid_by_the_schemas_of_kubernetes(file: Any) -> None:
    manifests = read(file.name)

    assert manifests
    for each in manifests:
        kubernetes_validate.validate(each, VERSION, strict=True)


@pytest.mark.long
def test_the_kustomization_has_every_manifest_but_those_that_are_applied_by_themselves() -> None:
    built = list(yaml.safe_load_all(kustomize(FOLDER)))

    expected = [m for file in FILES if file.name not in APART for m in read(file.name)]
    assert sorted(map(str, map(name_of, built))) == sorted(map(str, map(name_of, expected)))


def name_of(each: Manifest) -> tuple[str, str]:
    return each["kind"], each["metadata"]["name"]


def test_all_is_in_one_namespace_that_admits_restricted_pods_only() -> None:
    (namespace,) = read("namespace.yaml")
    others = [each for file in FILES if file.name != "namespace.yaml" for each in read(file.name)]

    assert {each["metadata"]["namespace"] for each in others} == {namespace["metadata"]["name"]}
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


@pytest.mark.parametrize("component", ["web", "worker", "prepare"])
def test_pods_meet_the_restricted_profile(component: str) -> None:
    pod = pods()[component]["spec"]
    (container,) = pod["containers"]

    assert pod["securityContext"] == {
        "runAsNonRoot": True,
        "runAsUser": 10001,
        "runAsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == ["/tmp"]
    assert pod["automountServiceAccountToken"] is False
    assert container["args"][0] == component
    assert {"requests", "limits"} == container["resources"].keys()


@pytest.mark.parametrize("component", ["web", "worker", "prepare"])
def test_variables_of_services_do_not_become_settings(component: str) -> None:
    """A service `onehour-web` would set ONEHOUR_WEB_PORT, and unknown names stop the start."""
    assert pods()[component]["spec"]["enableServiceLinks"] is False


def test_pods_run_one_version() -> None:
    images = {pod["spec"]["containers"][0]["image"] for pod in pods().values()}

    assert images == {"registry.example.com/onehour:0.1.0"}


def test_probes_ask_the_paths_that_exist_on_the_port_of_the_image() -> None:
    (container,) = pods()["web"]["spec"]["containers"]

    probes = {k: v["httpGet"] for k, v in container.items() if k.endswith("Probe")}
    assert probes == {
        "startupProbe": {"path": "/healthz", "port": "http"},
        "livenessProbe": {"path": "/healthz", "port": "http"},
        "readinessProbe": {"path": "/readyz", "port": "http"},
    }
    assert container["ports"][0] == {"name": "http", "containerPort": 8000}
    assert container["readinessProbe"]["timeoutSeconds"] > 5  # /readyz waits so long itself


@pytest.mark.parametrize("component", ["web", "worker"])
def test_prometheus_alone_reaches_the_port_on_which_metrics_are_served(component: str) -> None:
    (container,) = pods()[component]["spec"]["containers"]
    settings = manifest("ConfigMap", "onehour")["data"]
    policy = manifest("NetworkPolicy", "onehour-metrics")["spec"]

    port = int(settings[f"ONEHOUR_METRICS_{component.upper()}_PORT"])
    assert {"name": "metrics", "containerPort": port} in container["ports"]
    (rule,) = policy["ingress"]
    assert rule["ports"] == [{"port": "metrics"}]
    assert rule["from"] == [
        {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}
    ]


def test_a_worker_is_asked_for_its_metrics() -> None:
    (container,) = pods()["worker"]["spec"]["containers"]

    probes = {k: v["httpGet"] for k, v in container.items() if k.endswith("Probe")}
    asked = {"path": PATH, "port": "metrics"}
    assert probes == {"startupProbe": asked, "livenessProbe": asked}
    assert container["livenessProbe"]["timeoutSeconds"] > READ_S


def test_a_stopping_web_server_finishes_its_requests_before_it_is_killed() -> None:
    pod = pods()["web"]["spec"]
    leaving = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]

    finished_after = leaving + DRAIN_DELAY_S + GRACEFUL_TIMEOUT_S
    assert finished_after + 10 <= pod["terminationGracePeriodSeconds"]


@pytest.mark.parametrize("component", ["web", "worker"])
def test_what_refers_to_pods_finds_them(component: str) -> None:
    deployment = manifest("Deployment", f"onehour-{component}")
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    budget = manifest("PodDisruptionBudget", f"onehour-{component}")
    scaler = manifest("HorizontalPodAutoscaler", f"onehour-{component}")
    spread = deployment["spec"]["template"]["spec"]["topologySpreadConstraints"]

    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert budget["spec"]["selector"]["matchLabels"] == labels
    assert {str(each["labelSelector"]["matchLabels"]) for each in spread} == {str(labels)}
    assert scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    assert "replicas" not in deployment["spec"]  # applying would undo the autoscaler
    assert scaler["spec"]["minReplicas"] > budget["spec"]["maxUnavailable"]


def test_requests_reach_the_web_server() -> None:
    (rule,) = manifest("Ingress", "onehour")["spec"]["rules"]
    backend = rule["http"]["paths"][0]["backend"]["service"]
    service = manifest("Service", backend["name"])
    policy = manifest("NetworkPolicy", "onehour-web")["spec"]

    assert service["spec"]["selector"] == pods()["web"]["metadata"]["labels"]
    assert policy["podSelector"]["matchLabels"] == pods()["web"]["metadata"]["labels"]
    assert backend["port"]["name"] == service["spec"]["ports"][0]["name"]
    assert service["spec"]["ports"][0]["targetPort"] == "http"
    assert policy["ingress"][0]["ports"] == [{"port": "http"}]


def test_web_servers_are_added_by_load_and_workers_by_the_lag_of_the_outbox() -> None:
    (load,) = manifest("HorizontalPodAutoscaler", "onehour-web")["spec"]["metrics"]
    (lag,) = manifest("HorizontalPodAutoscaler", "onehour-worker")["spec"]["metrics"]

    assert load["resource"]["name"] == "cpu"
    assert lag["external"]["metric"] == {"name": "onehour_outbox_lag_seconds"}
    assert lag["external"]["metric"]["name"] in {
        family.name for family in families(OutboxState(lag_s=0, due=0, dead=0))
    }


def test_the_application_accepts_the_settings() -> None:
    given = {
        **manifest("ConfigMap", "onehour")["data"],
        **manifest("Secret", "onehour")["stringData"],
    }

    settings = Settings.load({**given, **KEYS}, None)

    assert given.keys() <= setting_names().keys()
    assert settings.in_production
    assert settings.base_url == "https://hours.example.com"
    assert manifest("Ingress", "onehour")["spec"]["tls"][0]["hosts"] == ["hours.example.com"]
