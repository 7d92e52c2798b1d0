"""Every e-mail is exactly what its golden file shows: subject, text and HTML."""

from __future__ import annotations

from tests.services.emails import GOLDEN, as_files, every_email


async def test_every_email_is_as_in_its_golden_files() -> None:
    rendered: dict[str, str] = {}
    for name, message in (await every_email()).items():
        rendered.update(as_files(name, message))

    golden = {file.name: file.read_text(encoding="utf-8") for file in GOLDEN.glob("*.*")}
    assert rendered.keys() == golden.keys()
    assert [name for name in golden if rendered[name] != golden[name]] == []
