"""The disk storage on a real file system: kills, cut uploads, links in folders, a full disk."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from adapters.disk import files
from adapters.disk.files import NewFile, place_of
from adapters.disk.storage import DiskStorage
from adapters.memory.clock import FixedClock
from onehour.testing.storage_setup import (
    ConnectionCut,
    a_key,
    an_upload,
    chunks,
    content_of,
    keys_in,
    token_of,
)
from ports.storage import (
    MIB,
    PART_SIZE,
    Area,
    Head,
    Key,
    PartsMissing,
    StorageUnavailable,
    Upload,
    UploadUnknown,
    WrongSize,
)
from ports.storage_links import LinkSigner

SECRET = b"the secret of the links in tests"
HOUR = timedelta(hours=1)


def _storage(root: Path) -> DiskStorage:
    return DiskStorage(root, LinkSigner("http://x", SECRET, FixedClock(datetime.now(UTC))))


def test_pages_learn_of_another_host_for_files(tmp_path: Path) -> None:
    links = LinkSigner("https://files.example:8443", SECRET, FixedClock(datetime.now(UTC)))

    assert DiskStorage(tmp_path, links, of_another_host=True).origins == (
        "https://files.example:8443",
    )
    assert DiskStorage(tmp_path, links).origins == ()


@pytest.fixture
async def storage(tmp_path: Path) -> AsyncIterator[DiskStorage]:
    made = _storage(tmp_path / "files")
    yield made
    await made.close()


async def _receive(storage: DiskStorage, upload: Upload, body: AsyncIterator[bytes]) -> None:
    link = await storage.put_link(upload)
    await storage.receive(token_of(link.url), body, content_type=upload.content_type)


def _path(tmp_path: Path, key: Key) -> Path:
    return tmp_path.joinpath("files", *place_of(key), key.name)


def _everything(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if not path.is_dir())


async def test_only_this_user_can_read_what_is_stored(storage: DiskStorage, tmp_path: Path) -> None:
    await storage.put(a_key(Area.FINAL), b"private", "text/plain")

    for path in (tmp_path / "files").rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


async def test_a_cut_upload_leaves_no_file_at_all(storage: DiskStorage, tmp_path: Path) -> None:
    async def cut() -> AsyncIterator[bytes]:
        for _ in range(5):
            yield bytes(MIB)
        raise ConnectionCut

    with pytest.raises(ConnectionCut):
        await _receive(storage, an_upload(10 * MIB), cut())

    assert _everything(tmp_path / "files") == []


async def test_a_cancelled_upload_leaves_no_file_at_all(
    storage: DiskStorage, tmp_path: Path
) -> None:
    began = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield bytes(2 * MIB)
        began.set()
        await asyncio.Event().wait()

    task = asyncio.create_task(_receive(storage, an_upload(10 * MIB), endless()))
    await began.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert _everything(tmp_path / "files") == []


async def test_a_body_that_is_too_long_is_not_read_to_its_end(storage: DiskStorage) -> None:
    given = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        while True:
            given += 1
            yield bytes(1000)

    with pytest.raises(WrongSize):
        await _receive(storage, an_upload(5000), endless())

    assert given == 6


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from tests.unit.test_disk_storage import _receive, _storage
from ports.storage import Area, Key, MIB, Upload

def kill(*given, **named):
    os.kill(os.getpid(), signal.SIGKILL)

async def body(step):
    for _ in range(16):
        yield b"x" * MIB
    if step == "body":
        kill()

async def main(root, name, step):
    upload = Upload(key=Key(Area.QUARANTINE, name), size=16 * MIB, content_type="text/plain")
    storage = _storage(Path(root))
    await storage.prepare("http://x")
    if step != "body":
        setattr(os, step, kill)
    await _receive(storage, upload, body(step))

asyncio.run(main(*sys.argv[1:]))
"""


@pytest.mark.parametrize("step", ["body", "fsync", "replace"])
async def test_a_kill_leaves_nothing_visible_and_the_rest_is_swept(
    storage: DiskStorage, tmp_path: Path, step: str
) -> None:
    upload = an_upload(16 * MIB, "text/plain")
    command = [sys.executable, "-c", KILLED, str(tmp_path / "files"), upload.key.name, step]
    process = await asyncio.create_subprocess_exec(*command)

    assert await process.wait() == -signal.SIGKILL

    assert await storage.head(upload.key) is None
    assert await keys_in(storage, Area.QUARANTINE) == []
    with pytest.raises(PartsMissing):
        await storage.complete(upload)
    assert len(_everything(tmp_path / "files")) == 1
    assert await storage.sweep(datetime.now(UTC) - HOUR) == 0
    assert await storage.sweep(datetime.now(UTC) + HOUR) == 1
    assert _everything(tmp_path / "files") == []


async def test_joining_parts_again_after_a_kill_gives_the_same_file(
    storage: DiskStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The object is there already, and its parts still are too."""
    upload = an_upload(PART_SIZE + 5)
    upload_id = await storage.begin(upload)
    for number, size in upload.part_sizes.items():
        link = await storage.part_link(upload, upload_id, number)
        await storage.receive(token_of(link.url), chunks(bytes([number]) * size))

    def stopped(*given: object, **named: object) -> None:
        raise OSError(errno.EIO, "stopped here")

    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", stopped)
        with pytest.raises(StorageUnavailable):
            await storage.complete(upload, upload_id)
    assert await storage.head(upload.key) == Head(upload.size, upload.content_type)
    await storage.complete(upload, upload_id)

    content = bytes([1]) * PART_SIZE + bytes([2]) * 5
    assert await content_of(storage, upload.key) == content
    with pytest.raises(UploadUnknown):
        await storage.parts(upload, upload_id)


async def test_a_full_disk_is_reported_and_leaves_nothing(
    storage: DiskStorage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: NewFile, data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    key = a_key(Area.FINAL)
    await storage.prepare("http://x")
    with monkeypatch.context() as patched:
        patched.setattr(NewFile, "write", full)
        with pytest.raises(StorageUnavailable):
            await storage.put(key, b"x", "text/plain")
        with pytest.raises(StorageUnavailable):
            await _receive(storage, an_upload(5), chunks(b"12345"))

    assert await storage.head(key) is None
    assert await storage.sweep(datetime.now(UTC) + HOUR) == len(_everything(tmp_path)) == 0


async def test_a_symbolic_link_instead_of_a_file_is_not_followed(
    storage: DiskStorage, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(files._header("text/plain") + b"secret")
    key = a_key(Area.FINAL)
    await storage.put(key, b"x", "text/plain")
    path = _path(tmp_path, key)
    path.unlink()
    path.symlink_to(secret)

    for call in (
        storage.head(key),
        content_of(storage, key),
        storage.copy(key, a_key(Area.FINAL)),
    ):
        with pytest.raises(StorageUnavailable):
            await call
    assert await keys_in(storage, Area.FINAL) == []
    await storage.delete(key)
    assert secret.exists()


async def test_a_symbolic_link_instead_of_a_folder_is_not_followed(
    storage: DiskStorage, tmp_path: Path
) -> None:
    key = a_key(Area.FINAL)
    await storage.prepare("http://x")
    (tmp_path / "elsewhere").mkdir()
    _path(tmp_path, key).parent.symlink_to(tmp_path / "elsewhere")

    for call in (storage.put(key, b"x", "text/plain"), storage.head(key)):
        with pytest.raises(StorageUnavailable):
            await call
    assert list((tmp_path / "elsewhere").iterdir()) == []


async def test_other_files_in_the_folder_are_neither_listed_nor_read(
    storage: DiskStorage, tmp_path: Path
) -> None:
    key, short, pipe = (a_key(Area.FINAL) for _ in range(3))
    await storage.put(key, b"x", "text/plain")
    for other in (short, pipe):
        _path(tmp_path, other).parent.mkdir(exist_ok=True)
    _path(tmp_path, short).write_bytes(b"onehour")
    os.mkfifo(_path(tmp_path, pipe))
    _path(tmp_path, key).with_name(".DS_Store").write_bytes(b"")
    _path(tmp_path, key).with_name("lost+found").mkdir()
    _path(tmp_path, key).parent.with_name(".DS_Store").write_bytes(b"")

    assert [each for each in await keys_in(storage, Area.FINAL) if each != short] == [key]
    for other in (short, pipe):
        with pytest.raises(StorageUnavailable):
            await storage.head(other)


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK])
async def test_a_file_system_without_hard_links_is_enough(
    storage: DiskStorage, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    def refused(*given: object, **named: object) -> None:
        raise OSError(code, "no hard links")

    monkeypatch.setattr(os, "link", refused)
    upload, copied, put = an_upload(3 * MIB + 1), a_key(Area.FINAL), a_key(Area.FINAL)
    content = os.urandom(upload.size)
    await _receive(storage, upload, chunks(content))

    await storage.copy(upload.key, copied)
    await storage.put(put, b"first", "text/plain")
    await storage.put(put, b"second", "text/plain")

    assert await content_of(storage, copied) == content
    assert await content_of(storage, put) == b"first"


async def test_a_copy_is_as_new_as_the_call(storage: DiskStorage, tmp_path: Path) -> None:
    """A sweep that looks for old objects nobody refers to must not take it."""
    upload, final = an_upload(5), a_key(Area.FINAL)
    await _receive(storage, upload, chunks(b"12345"))
    os.utime(_path(tmp_path, upload.key), (0, 0))

    await storage.copy(upload.key, final)

    (listed,) = (await storage.list(Area.FINAL)).objects
    assert datetime.now(UTC) - listed.modified < HOUR


async def test_a_file_that_is_read_stays_whole_when_it_is_removed(storage: DiskStorage) -> None:
    key = a_key(Area.FINAL)
    content = os.urandom(2 * MIB)
    await storage.put(key, content, "text/plain")

    async with storage.open(key) as found:
        await storage.delete(key)
        read = b"".join([chunk async for chunk in found])

    assert read == content


async def test_the_loop_goes_on_while_the_disk_is_slow(
    storage: DiskStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that waits for the event loop would wait for ever if it ran in it."""
    loop = asyncio.get_running_loop()
    real = os.fsync

    def slow(descriptor: int) -> None:
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), loop).result()
        real(descriptor)

    monkeypatch.setattr(os, "fsync", slow)
    key = a_key(Area.FINAL)
    await storage.put(key, b"x", "text/plain")

    assert await storage.head(key) == Head(1, "text/plain")


async def test_a_disk_that_does_not_answer_is_unavailable(
    storage: DiskStorage, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()
    monkeypatch.setattr("adapters.disk.storage.TIMEOUT_S", 0.05)
    monkeypatch.setattr(files, "head_of", lambda root, key: released.wait())

    with pytest.raises(StorageUnavailable):
        await storage.head(a_key())
    released.set()


def test_thirty_megabytes_need_little_memory(tmp_path: Path) -> None:
    """Measured in a process of its own: an upload in parts, joined, copied and read."""
    program = """
import asyncio, resource, sys
from pathlib import Path
from tests.unit.test_disk_storage import _storage
from onehour.testing.storage_setup import a_key, an_upload, token_of
from ports.storage import Area, MIB, Key

async def body(size):
    for start in range(0, size, 65536):
        yield bytes(min(65536, size - start))

async def main():
    storage = _storage(Path(sys.argv[1]))
    await storage.put(a_key(Area.FINAL), b"x", "text/plain")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    upload = an_upload(30 * MIB)
    upload_id = await storage.begin(upload)
    for number, size in upload.part_sizes.items():
        link = await storage.part_link(upload, upload_id, number)
        await storage.receive(token_of(link.url), body(size))
    await storage.complete(upload, upload_id)
    final = a_key(Area.FINAL)
    await storage.copy(upload.key, final)
    read = 0
    async with storage.open(final) as chunks:
        async for chunk in chunks:
            read += len(chunk)
    assert read == 30 * MIB
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)

asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=True
    )

    assert int(done.stdout) * (1 if sys.platform == "darwin" else 1024) < 16 * MIB
