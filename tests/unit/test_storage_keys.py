"""Keys have one form, so no name of a person can lead anywhere in a storage."""

from __future__ import annotations

import pytest

from core.errors import Invalid
from ports.storage import MIB, PART_SIZE, Area, Key, Upload, WrongKey

NAME = "fil_0123456789abcdefghjkmnpqrs"


@pytest.mark.parametrize("name", [NAME, f"{NAME}-preview", f"{NAME}-2"])
def test_a_key_is_read_from_its_text(name: str) -> None:
    key = Key(Area.FINAL, name)

    assert str(key) == f"final/{name}"
    assert Key.parse(str(key)) == key


@pytest.mark.parametrize(
    "name",
    [
        "", ".", "..", "../x", "a/b", "con", "nul", "aux.txt", f"{NAME}/..", f"{NAME}\n",
        f" {NAME}",
        f"{NAME}\x00", f"{NAME}.png", f"{NAME.upper()}", f"{NAME}-", f"{NAME}--x", f"/{NAME}",
        "fil_" + "a" * 25, "fil_" + "a" * 27, "fil_" + "é" * 26, "report.pdf", "-rf", "a" * 300,
        f"{NAME}-" + "a" * 17, "fil_" + "\uff11" * 26, f"..\\{NAME}", f"%2e%2e/{NAME}",
    ],
)  # fmt: skip
def test_another_form_is_refused(name: str) -> None:
    with pytest.raises(WrongKey):
        Key(Area.FINAL, name)


@pytest.mark.parametrize(
    "text", ["", "/", NAME, f"other/{NAME}", f"final//{NAME}", "final/", "final"]
)
def test_a_text_that_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(WrongKey):
        Key.parse(text)


@pytest.mark.parametrize(
    ("size", "parts"),
    [
        (1, {1: 1}),
        (PART_SIZE, {1: PART_SIZE}),
        (PART_SIZE + 1, {1: PART_SIZE, 2: 1}),
        (100 * MIB, dict.fromkeys(range(1, 13), PART_SIZE) | {13: 4 * MIB}),
    ],
)
def test_a_file_is_divided_into_parts(size: int, parts: dict[int, int]) -> None:
    upload = Upload(key=Key(Area.QUARANTINE, NAME), size=size, content_type="text/plain")

    assert dict(upload.part_sizes) == parts
    assert sum(parts.values()) == size


@pytest.mark.parametrize(
    "content_type",
    [
        "", "text", "text/", "/plain", "text/plain; charset=utf-8", "text/plain\r\nX: y", "a b/c",
        "Text/Plain", "text/html,x/y", "a/b/c", "é/x", "x/" + "y" * 64,
    ],
)  # fmt: skip
def test_only_plain_media_types_are_accepted(content_type: str) -> None:
    with pytest.raises(Invalid):
        Upload(key=Key(Area.QUARANTINE, NAME), size=1, content_type=content_type)
