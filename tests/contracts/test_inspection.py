"""Files are inspected in child processes with limits."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from io import BytesIO
from pathlib import Path

import pillow_heif
import psutil
import pytest
from PIL import Image

from adapters.pillow.inspection import answers
from adapters.pillow.inspection.answers import Answer, Part
from adapters.pillow.inspection.inspector import ChildInspector
from core.files import Kind, PreviewName
from onehour.testing import pictures_samples as samples
from onehour.testing.inspection import InspectorContract
from onehour.testing.inspection_pictures import inspected, picture
from onehour.testing.pictures import colour, is_close
from ports.inspection import Inspection, MadePreview
from tests.patience import PATIENCE_S

APPLICATION = """
import asyncio, pathlib, sys
from adapters.pillow.inspection.inspector import ChildInspector

async def main():
    inspector = ChildInspector()
    while True:
        await inspector.inspect(pathlib.Path(sys.argv[1]), name="a")

asyncio.run(main())
"""
SUPERVISOR = "adapters.pillow.inspection.supervisor"


@pytest.fixture(scope="module")
async def inspector() -> AsyncIterator[ChildInspector]:
    """One for all tests, because its processes begin once."""
    made = ChildInspector()
    yield made
    await made.close()


class TestChildInspector(InspectorContract):
    @pytest.fixture
    def inspector(self, inspector: ChildInspector) -> ChildInspector:
        return inspector


async def test_heif_pictures_have_previews(inspector: ChildInspector, tmp_path: Path) -> None:
    out = BytesIO()
    pillow_heif.from_pillow(Image.new("RGB", (64, 32), samples.RED)).save(out)

    found = await inspected(inspector, tmp_path, out.getvalue(), name="photo.heic")

    assert (found.media_type, found.width, found.height) == ("image/heic", 64, 32)
    assert is_close(colour(picture(found, PreviewName.SMALL), 0.5, 0.5), samples.RED, by=8)


async def test_a_large_picture_is_inspected_alone_with_all_the_memory(
    inspector: ChildInspector, tmp_path: Path
) -> None:
    found = await inspected(
        inspector, tmp_path, samples.plain("PNG", (6000, 4000), samples.RED, compress_level=1)
    )

    assert len(found.previews) == 2


async def test_what_takes_too_much_memory_has_no_previews(tmp_path: Path) -> None:
    inspector = ChildInspector(memory=40_000_000)

    large = await inspected(inspector, tmp_path, samples.plain("PNG", (5000, 4000), samples.RED))
    small = await inspected(inspector, tmp_path, samples.plain("PNG", (50, 40), samples.RED))
    await inspector.close()

    assert (large.width, large.height, large.previews) == (5000, 4000, ())
    assert len(small.previews) == 2


async def test_what_takes_too_long_is_ended_by_the_kernel(tmp_path: Path) -> None:
    inspector = ChildInspector(timeout_s=0.001)

    found = await inspected(inspector, tmp_path, samples.plain("PNG", (900, 900), samples.RED))

    assert found.previews == ()
    await inspector.close()


async def test_a_cancelled_inspection_ends_its_child(
    inspector: ChildInspector, tmp_path: Path
) -> None:
    await inspected(inspector, tmp_path, b"text")
    path = tmp_path / "content.png"
    path.write_bytes(samples.plain("PNG", (6000, 4000), samples.RED, compress_level=1))
    supervisor = supervisor_of_this_process()
    work = asyncio.create_task(inspector.inspect(path, name="a.png"))
    await until(lambda: supervisor.children())

    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    await until(lambda: not supervisor.children())
    assert (await inspected(inspector, tmp_path, b"text")).kind is Kind.TEXT


async def test_a_supervisor_that_was_killed_is_started_again(tmp_path: Path) -> None:
    inspector = ChildInspector()
    await inspected(inspector, tmp_path, b"text")
    supervisor = supervisor_of_this_process()

    supervisor.kill()
    await until(lambda: supervisor.status() == psutil.STATUS_ZOMBIE)

    assert (await inspected(inspector, tmp_path, b"text")).kind is Kind.TEXT
    await inspector.close()


async def test_closing_ends_all_processes(tmp_path: Path) -> None:
    inspector = ChildInspector()
    await inspected(inspector, tmp_path, b"text")
    supervisor = supervisor_of_this_process()

    await inspector.close()
    await inspector.close()

    assert not supervisor.is_running()
    assert (await inspected(inspector, tmp_path, b"text")).kind is Kind.TEXT
    await inspector.close()


async def test_the_processes_end_with_an_application_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "picture"
    path.write_bytes(samples.plain("PNG", (6000, 4000), samples.RED, compress_level=1))
    application = psutil.Popen([sys.executable, "-c", APPLICATION, str(path)])
    await until(lambda: len(application.children(recursive=True)) == 2)
    below = application.children(recursive=True)

    application.kill()
    application.wait()

    await until(lambda: not any(process.is_running() for process in below))


async def test_no_secret_is_given_to_the_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEHOUR_SECRET_KEY", "hush")
    inspector = ChildInspector()
    await inspected(inspector, tmp_path, b"text")

    environment = supervisor_of_this_process().environ()
    await inspector.close()

    assert "PYTHONPATH" in environment
    assert "hush" not in str(environment)


def test_an_answer_of_a_child_is_not_believed() -> None:
    facts = answers.facts(media_type="image/png", kind="image")
    page = MadePreview(PreviewName.LARGE, "text/html", 10, 10, b"<script>")
    huge = MadePreview(PreviewName.SMALL, "image/webp", 5_000, 10, b"RIFF")
    slip = answers.facts(entries=[["../../a\u202e", 5, "file"]])

    for bad in (answers.preview(page), answers.preview(huge), answers.facts(pages=-1)):
        found = Answer.parse(facts + bad + answers.packed(Part.END)).inspection()
        assert found == Inspection(media_type="image/png", kind=Kind.IMAGE)
    listed = Answer.parse(facts + slip + answers.packed(Part.END)).inspection()
    assert [entry.name for entry in listed.entries] == ["a\ufffd"]


def supervisor_of_this_process() -> psutil.Process:
    """The one started last."""
    found = [
        child
        for child in psutil.Process().children()
        if child.status() != psutil.STATUS_ZOMBIE and SUPERVISOR in " ".join(child.cmdline())
    ]
    return max(found, key=lambda child: child.create_time())


async def until(is_true: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not is_true():  # noqa: ASYNC110 - a process
            await asyncio.sleep(0.005)
