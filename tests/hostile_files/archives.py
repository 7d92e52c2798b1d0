"""Hostile archives."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile
import zipfile
from collections.abc import Callable, Mapping

from core.files import Kind
from tests.hostile_files.sample import HostileFile

LINK_MODE = 0o120777 << 16
SLIPS = {
    "above": "../../../../etc/cron.d/job",
    "absolute": "/etc/passwd",
    "drive": "C:\\Windows\\System32\\evil.dll",
    "share": "\\\\server\\share\\evil.exe",
    "mixed": "a/..\\../..//./b",
    "device": "CON",
    "stream": "notes.txt::$DATA",
    "direction": "invoice\u202egpj.exe",
    "line break": "a\r\nb.txt",
    "long": "x" * 60_000,
    "markup": '<img src=x onerror="alert(1)">.txt',
    "dots": "..",
}


def zipped(entries: Mapping[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packing) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_directory(*entries: bytes, before: bytes = b"", count: int | None = None) -> bytes:
    """An archive with these directory entries, whatever stands before."""
    directory = b"".join(entries)
    number = min(0xFFFF, len(entries) if count is None else count)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, number, number, len(directory), len(before), 0)
    return (before or b"PK\3\4" + bytes(26)) + directory + end


def entry(
    name: bytes = b"a", *, size: int = 10, packed: int = 10, at: int = 0, flags: int = 0,
    mode: int = 0, extra: bytes = b"",
) -> bytes:  # fmt: skip
    return struct.pack(
        "<4s6H3L5H2L", b"PK\1\2", 0x0314, 20, flags, 8, 0, 0, 0, packed, size, len(name),
        len(extra), 0, 0, 0, mode, at,
    ) + name + extra  # fmt: skip


def huge(sizes: int) -> bytes:
    """Sizes of 64 bits, all set."""
    extra = struct.pack("<HHQ", 1, 8, 2**64 - 1)
    return with_directory(
        *(entry(b"%d" % n, size=0xFFFFFFFF, at=n * 40, extra=extra) for n in range(sizes)),
        before=b"PK\3\4" + bytes(40 * sizes),
    )


def same_content(times: int = 1_000) -> bytes:
    """10 MB of zeros once, and a thousand entries that all mean them."""
    whole = zipped({"zeros": bytes(10_000_000)})
    packed = struct.unpack_from("<L", whole, 18)[0]
    local = whole[: whole.index(b"PK\1\2")]
    entries = (entry(b"%d" % n, size=10_000_000, packed=packed) for n in range(times))
    return with_directory(*entries, before=local)


def quoted() -> bytes:
    """Each entry begins inside the packed content of the one before."""
    return with_directory(
        *(entry(b"%d" % n, size=1_000, packed=400 - 30 * n, at=30 * n) for n in range(10)),
        before=b"PK\3\4" + bytes(500),
    )


def bomb(times: int = 12) -> bytes:
    """1.2 GB of zeros in twelve entries of 100 kB."""
    whole = zipped({"zeros": bytes(100_000_000)})
    packed = struct.unpack_from("<L", whole, 18)[0]
    local = whole[: whole.index(b"PK\1\2")]
    places = (number * len(local) for number in range(times))
    entries = (entry(b"zeros", size=100_000_000, packed=packed, at=at) for at in places)
    return with_directory(*entries, before=local * times)


def nested(depth: int = 6) -> bytes:
    content = zipped({"zeros": bytes(10_000_000)})
    for level in range(depth):
        content = zipped({f"{level}-{number}.zip": content for number in range(16)})
    return content


def link() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("innocent")
        info.create_system, info.external_attr = 3, LINK_MODE
        archive.writestr(info, "/etc/passwd")
        archive.writestr("innocent/authorized_keys", "ssh-ed25519 AAAA")
    return out.getvalue()


def tar_of(entries: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, content in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def tarred() -> bytes:
    return tar_of({"../../evil": b"", "/etc/evil": b""})


def sparse_tar(size: int) -> bytes:
    """One file of so many bytes, of which none is stored: they are all zero."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("zeros")
        info.pax_headers = {"GNU.sparse.realsize": str(size), "GNU.sparse.map": f"{size},0"}
        archive.addfile(info)
    return out.getvalue()


def extended_tar() -> bytes:
    """Headers that describe the next entry, without end and without an entry."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, 0
    return header.tobuf() * 20_000


def tar_with_records(content: bytes) -> bytes:
    """An extended header with this content, and a file."""
    header = tarfile.TarInfo("x")
    header.type, header.size = tarfile.XHDTYPE, len(content)
    padding = bytes(-len(content) % 512)
    return header.tobuf() + content + padding + tar_of({"a.txt": b"a"})


def _with_size(digits: bytes) -> bytes:
    """A file whose header says this size, with a right checksum."""
    header = bytearray(tar_of({"a.txt": b"a"})[:512])
    header[124:136], header[148:156] = digits, b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return bytes(header) + bytes(1024)


def endless_gzip() -> bytes:
    """A tar of 300 MB of zeros."""
    return gzip.compress(tar_of({str(number): bytes(100_000_000) for number in range(3)}), 1)


def _listed(make: Callable[[], bytes], name: str = "a.zip") -> HostileFile:
    return HostileFile(make, Kind.ARCHIVE, name, "application/zip")


def _refused(make: Callable[[], bytes]) -> HostileFile:
    return HostileFile(make, None, "a.zip", "application/zip")


def _office(folder: str) -> Callable[[], bytes]:
    return lambda: zipped({"[Content_Types].xml": b"<Types/>", f"{folder}/vbaProject.bin": b"x"})


FILES = {
    "ZIP of 1.2 GB of zeros": _refused(bomb),
    "ZIP of ZIPs of ZIPs": _listed(nested),
    "ZIP whose entries are the same content": _refused(same_content),
    "ZIP whose entries overlap": _refused(quoted),
    "ZIP of 2^64 - 1 bytes": _refused(lambda: huge(1)),
    "ZIP of more than 2^64 bytes": _refused(lambda: huge(9)),
    "ZIP with a password": _refused(lambda: with_directory(entry(flags=1))),
    "ZIP with links": _listed(link),
    "ZIP with 50,000 entries": _listed(
        lambda: with_directory(
            *(entry(b"%d" % n, at=n * 40) for n in range(50_000)),
            before=b"PK\3\4" + bytes(40 * 50_000),
        )
    ),
    "ZIP with 300,000 entries in reverse order": _refused(
        lambda: with_directory(
            *(entry(at=n, packed=0, size=0) for n in range(300_000, 0, -1)),
            before=b"PK\3\4" + bytes(300_100),
        )
    ),
    "ZIP with a null character in a name": _listed(lambda: with_directory(entry(b"a.txt\0.exe"))),
    "ZIP with names in no encoding": _listed(lambda: with_directory(entry(b"\xff\xfe\x80"))),
    "ZIP without names": _listed(lambda: with_directory(entry(b""))),
    "ZIP whose directory is longer than the file": _listed(
        lambda: b"PK\3\4" + bytes(40) + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, 2**31, 0, 0)
    ),
    "ZIP whose directory stops": _listed(lambda: with_directory(entry()[:50], count=2)),
    "ZIP with a damaged locator": _listed(
        lambda: zipped({"a": b"a"}).replace(b"PK\5\6", b"PK\6\7" + bytes(16) + b"PK\5\6")
    ),
    "ZIP with another directory in its comment": _listed(
        lambda: zipped({"a": b"a"})[:-2] + b"\x16\0" + b"PK\5\6" + bytes(18)
    ),
    "ZIP of nothing": _listed(lambda: b"PK\5\6" + bytes(18)),
    "ZIP cut in half": _listed(lambda: zipped({"a": bytes(range(256)) * 40})[:150]),
    "ZIP with a page": _listed(lambda: zipped({"index.html": b"<script>alert(1)</script>"})),
    "JAR": _listed(lambda: zipped({"META-INF/MANIFEST.MF": b"Main-Class: Evil"}), "a.jar"),
    "Word document with macros": HostileFile(_office("word"), Kind.OTHER, "a.docx"),
    "Excel document with macros": HostileFile(_office("xl"), Kind.OTHER, "a.xlsx"),
    "EPUB with a page": HostileFile(
        lambda: zipped(
            {"mimetype": b"application/epub+zip", "a.xhtml": b"<a/>"}, zipfile.ZIP_STORED
        ),
        Kind.OTHER,
        "a.epub",
    ),
    "EPUB that names itself HTML": _listed(
        lambda: zipped({"mimetype": b"text/html", "a": b"a"}, zipfile.ZIP_STORED)
    ),
    "gzip of 100 MB of zeros": _listed(lambda: gzip.compress(bytes(100_000_000)), "a.gz"),
    "tar with names of other folders": _listed(tarred, "a.tar"),
    "tar of 10 TB in a sparse file": _refused(lambda: sparse_tar(10**13)),
    "tar.gz of 10 TB in a sparse file": _refused(lambda: gzip.compress(sparse_tar(10**13))),
    "tar.gz of 300 MB of zeros": _listed(endless_gzip, "a.tar.gz"),
    "tar with extended headers alone": _listed(extended_tar, "a.tar"),
    "tar with a record of endless length": _listed(
        lambda: tar_with_records(b"99999999 path=../../a\n"), "a.tar"
    ),
    "tar with a record of no length": _listed(
        lambda: tar_with_records(b"0 path=a\n" * 100), "a.tar"
    ),
    "tar with a size of 2^95": _refused(lambda: _with_size(b"\xff" * 12)),
    **{
        f"tar with a name: {title}": _listed(lambda name=name: tar_of({name: b"x"}), "a.tar")  # type: ignore[misc]
        for title, name in SLIPS.items()
        if title != "long"
    },
    "RAR": _listed(lambda: b"Rar!\x1a\x07\x01\0" + bytes(100), "a.rar"),
    "7z": _listed(lambda: b"7z\xbc\xaf\x27\x1c" + bytes(100), "a.7z"),
    **{
        f"ZIP with a name: {title}": _listed(lambda name=name: zipped({name: b"x"}))  # type: ignore[misc]
        for title, name in SLIPS.items()
    },
}
