"""The file storage is chosen by settings, and unsafe ones are refused in production."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.disk.storage import DiskStorage
from adapters.s3.storage import S3Storage
from adapters.system.clock import SystemClock
from onehour.chosen import link_secret, storage
from onehour.settings import Settings, WrongSetting
from ports.adapters import Resources
from tests.unit.test_settings import PUBLIC_HOUSE as PRODUCTION

S3 = {
    "ONEHOUR_STORAGE": "s3",
    "ONEHOUR_S3_BUCKET": "onehour-files",
    "ONEHOUR_S3_URL": "http://s3.internal:9000",
    "ONEHOUR_S3_PUBLIC_URL": "https://files.hours.example",
    "ONEHOUR_S3_ACCESS_KEY": "key",
    "ONEHOUR_S3_SECRET_KEY": "hidden",
}


def _settings(tmp_path: Path, **given: str) -> Settings:
    return Settings.load({"ONEHOUR_DATA_DIR": str(tmp_path), **given}, None)


def _resources(settings: Settings) -> Resources:
    return Resources(
        deployment=settings.deployment,
        http=None,
        clock=SystemClock(),
        link_secret=link_secret(settings),
    )


async def test_without_settings_files_are_in_the_data_directory(tmp_path: Path) -> None:
    settings = _settings(tmp_path)

    made = storage(settings, _resources(settings))
    await made.prepare(settings.base_url)
    await made.close()

    assert isinstance(made, DiskStorage)
    assert sorted(path.name for path in (tmp_path / "files").iterdir()) == [
        "incoming", "objects", "uploads",
    ]  # fmt: skip


async def test_the_folder_can_be_another_one(tmp_path: Path) -> None:
    settings = _settings(tmp_path, ONEHOUR_DISK_FOLDER=str(tmp_path / "big-disk"))

    made = storage(settings, _resources(settings))
    await made.prepare(settings.base_url)
    await made.close()

    assert (tmp_path / "big-disk" / "objects").is_dir()


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [
        ("a-file", "must be a folder, not a file"),
        ("a-file/below", "must be a folder, not a file"),
        ("/proc/onehour", "must be a folder in which files can be written"),
    ],
)
async def test_a_folder_that_cannot_be_used_stops_the_start(
    tmp_path: Path, folder: str, sentence: str
) -> None:
    (tmp_path / "a-file").write_text("")
    settings = _settings(tmp_path, ONEHOUR_DISK_FOLDER=str(tmp_path / folder))

    with pytest.raises(WrongSetting, match=f"^ONEHOUR_DISK_FOLDER {sentence}"):
        storage(settings, _resources(settings))


async def test_s3_is_chosen_by_name_and_its_secret_is_not_shown(tmp_path: Path) -> None:
    settings = _settings(tmp_path, **S3)

    made = storage(settings, _resources(settings))
    await made.close()

    assert isinstance(made, S3Storage)
    assert made.origins == ("https://files.hours.example",)
    assert "hidden" not in repr(settings.sections)


@pytest.mark.parametrize(
    ("without", "sentence"),
    [
        ("BUCKET", "ONEHOUR_S3_BUCKET is missing: the bucket for files."),
        ("ACCESS_KEY", "ONEHOUR_S3_ACCESS_KEY is missing: the two keys go together."),
        ("SECRET_KEY", "ONEHOUR_S3_SECRET_KEY is missing: the two keys go together."),
    ],
)
def test_what_s3_needs_is_named(without: str, sentence: str, tmp_path: Path) -> None:
    settings = _settings(tmp_path, **(S3 | {f"ONEHOUR_S3_{without}": ""}))

    with pytest.raises(WrongSetting) as refused:
        storage(settings, _resources(settings))

    assert refused.value.message == sentence


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ONEHOUR_S3_BUCKET", ""),
        ("ONEHOUR_S3_SECRET_KEY", ""),
        ("ONEHOUR_S3_PUBLIC_URL", ""),
        ("ONEHOUR_S3_PUBLIC_URL", "http://files.hours.example"),
        ("ONEHOUR_S3_PUBLIC_URL", "https://127.0.0.1:9000"),
    ],
)
def test_production_refuses_what_is_unsafe(name: str, value: str) -> None:
    Settings.load(PRODUCTION | S3, None)

    with pytest.raises(WrongSetting):
        Settings.load(PRODUCTION | S3 | {name: value}, None)


def test_links_are_signed_by_a_key_of_their_own(tmp_path: Path) -> None:
    settings = _settings(tmp_path, ONEHOUR_SECRET_KEY="k" * 32)

    secret = link_secret(settings)

    assert len(secret) == 32
    assert secret != settings.secret_key.encode()
    assert secret == link_secret(_settings(tmp_path, ONEHOUR_SECRET_KEY="k" * 32))
    assert secret.hex() not in repr(_resources(settings))
