"""The operator's file of synonyms."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.vocabulary import VOCABULARY
from onehour.container import build
from onehour.settings import Settings, WrongSetting
from onehour.vocabulary import LARGEST_FILE

EXAMPLE = "ONEHOUR_SEARCH_SYNONYMS must be a file of synonyms: "


def load(folder: Path, file: Path | None) -> Settings:
    given = {"ONEHOUR_SEARCH_SYNONYMS": str(file)} if file else {}
    urls = {
        "ONEHOUR_MONGO_URL": "mongodb://127.0.0.1:9",
        "ONEHOUR_REDIS_URL": "redis://127.0.0.1:9",
        "ONEHOUR_SMTP_URL": "smtp://127.0.0.1:9",
    }
    return Settings.load({"ONEHOUR_DATA_DIR": str(folder), **urls, **given}, None)


def test_without_a_file_the_built_in_names_are_known(tmp_path: Path) -> None:
    assert load(tmp_path, None).vocabulary == VOCABULARY


def test_names_of_the_file_are_added_for_searches_and_for_what_is_stored(tmp_path: Path) -> None:
    file = tmp_path / "synonyms.txt"
    file.write_text("\ufeff# Ours\nKubernetes: kube-cluster\n", "utf-8")

    settings = load(tmp_path, file)

    assert settings.vocabulary.skill_key("kube-cluster") == "kubernetes"
    assert settings.vocabulary.skill_key("k8s") == "kubernetes"
    container = build(settings)
    assert container.service_dependencies().vocabulary == settings.vocabulary
    assert container.store()._shared.vocabulary == settings.vocabulary


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"Kubernetes", "line 1 is not of the form `Kubernetes: k8s, kube`."),
        (b"Go: \xff\n", "it is not UTF-8."),
        (b"x" * (LARGEST_FILE + 1), "it has more than 200,000 bytes."),
        (None, "it cannot be read (No such file or directory)."),
    ],
)
def test_a_wrong_file_is_refused_with_one_sentence(
    tmp_path: Path, content: bytes | None, reason: str
) -> None:
    file = tmp_path / "synonyms.txt"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(WrongSetting) as refused:
        load(tmp_path, file)

    assert str(refused.value) == EXAMPLE + reason
