"""Hostile texts, programs, and names of files."""

from __future__ import annotations

import struct

from core.files import Kind
from tests.hostile_files.sample import HostileFile, other, text

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""The test file of virus scanners, which is harmless (https://www.eicar.org)."""
SCRIPT = "<script>alert(document.domain)</script>"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" {}>{}</svg>'
LAUGHS = "".join(f'<!ENTITY a{n + 1} "{f"&a{n};" * 10}">' for n in range(9))
MARKUP = {
    "SVG with a script": SVG.format("", SCRIPT),
    "SVG with an event": SVG.format('onload="alert(1)"', ""),
    "SVG with HTML": SVG.format("", f"<foreignObject><body>{SCRIPT}</body></foreignObject>"),
    "SVG with entities in entities": (
        f'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a0 "ha">{LAUGHS}]>' + SVG.format("", "&a9;")
    ),
    "SVG with an external entity": (
        '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
        + SVG.format("", "&a;")
    ),
    "SVG after a comment": "\n <!-- a -->\n" + SVG.format("", SCRIPT),
    "SVG with a prefix": '<s:svg xmlns:s="http://www.w3.org/2000/svg"><s:script/></s:svg>',
    "HTML": f"<!DOCTYPE html>{SCRIPT}",
    "HTML without a head": SCRIPT,
    "HTML after blanks and a comment": f"\r\n\t <!-- {'-' * 3_000} --> {SCRIPT}",
    "XHTML": f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">{SCRIPT}</html>',
    "HTML application": f"<html><hta:application/>{SCRIPT}</html>",
    "XML with a style sheet": '<?xml version="1.0"?><?xml-stylesheet href="evil.xsl"?><a/>',
    "XML 200,000 levels deep": '<?xml version="1.0"?>' + "<a>" * 200_000,
}
PLAIN = {
    "script": "alert(document.cookie)//",
    "web archive": f"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n{SCRIPT}",
    "UTF-7": "+ADw-script+AD4-alert(1)+ADw-/script+AD4-",
    "JSON 200,000 levels deep": "[" * 200_000,
    "formulas": '=cmd|"/c calc"!A1,@SUM(1+1)\n',
    "escape sequences": "\x1b]0;title\x07\x1b[2J\x1b[31mred\x1b[0m\n",
    "directions": "if (admin\u202e \u2066// check\u2069 \u2066) {\n",
    "one line of 3 MB": "x" * 3_000_000,
    "500,000 empty lines": "\n" * 500_000,
    "separators for lines": "a\u2028b\u2029c\x85d\x0ce\r\rf",
    "marks above marks": "Z" + "\u0301" * 50_000,
    "EICAR": EICAR.decode(),
    "shell script": "#!/bin/sh\nrm -rf ~\n",
    "shortcut of a browser": "[InternetShortcut]\r\nURL=file:///etc/passwd\r\n",
}
ENCODED = {
    "HTML in UTF-16": f"<html>{SCRIPT}".encode("utf-16"),
    "SVG in UTF-16": SVG.format("", SCRIPT).encode("utf-16"),
    "HTML with a byte order mark": f"<html>{SCRIPT}".encode("utf-8-sig"),
    "UTF-16 cut inside a character": "<html>\U0001f600".encode("utf-16")[:-1],
}
OTHERS = {
    "HTML after a null character": b"\0<html>" + SCRIPT.encode(),
    "HTML with a null character inside": b"<html><scr\0ipt>alert(1)</script>" + bytes(3),
    "half a character in UTF-16": b"\xff\xfe\x00\xd8\x3c\x00\x3c\x00",
    "nulls": bytes(1_000_000),
    "Flash": b"FWS\x09" + bytes(100),
    "Java class": b"\xca\xfe\xba\xbe\0\0\0\x34" + bytes(100),
    "WebAssembly": b"\0asm\1\0\0\0",
    "Word document of 1997": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "PostScript": b"%!PS-Adobe-3.0\n(/etc/passwd) (r) file\n\x04\0",
    "SQLite": b"SQLite format 3\0" + bytes(100),
}
PROGRAMS = {
    "program for Windows as a picture": (b"MZ\x90\0" + bytes(100), "invoice.jpg"),
    "program for Linux as a text": (b"\x7fELF\x02\x01\x01" + bytes(100), "notes.txt"),
    "program for macOS": (b"\xcf\xfa\xed\xfe" + bytes(100), "a"),
    "program for two processors": (b"\xca\xfe\xba\xbe\0\0\0\x02" + bytes(100), "a"),
    "shortcut of Windows": (b"L\0\0\0\x01\x14\x02\0" + bytes(100), "a.lnk"),
}
MEDIA = {
    "MP4 with HTML": (b"\0\0\0\x18ftypisom" + SCRIPT.encode(), Kind.VIDEO),
    "WebM": (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm" + bytes(40), Kind.VIDEO),
    "MP3 with HTML": (b"ID3\x03\0\0\0\0\0\x21" + SCRIPT.encode() + b"\xff\xfb\x90\0", Kind.AUDIO),
    "WAV longer than the file": (
        b"RIFF" + struct.pack("<I", 2**32 - 1) + b"WAVEfmt " + bytes(40), Kind.AUDIO,
    ),
}  # fmt: skip
NAMES = {
    "double extension": "invoice.pdf.exe",
    "null": "a.txt\0.html",
    "encoded null": "a.txt%00.html",
    "direction": "invoice\u202egpj.exe",
    "above": "../../../etc/passwd",
    "absolute": "/etc/passwd",
    "drive": "C:\\Windows\\win.ini",
    "share": "\\\\server\\share\\a.txt",
    "device": "CON.txt",
    "printer": "lpt1",
    "only dots": "..",
    "only blanks": "   ",
    "blank at the end": "a.txt. ",
    "300 letters": "x" * 300 + ".txt",
    "300 letters of three bytes": "\u20b9" * 300 + ".txt",
    "header": 'a"; filename="b.html',
    "line break": "a.txt\r\nContent-Type: text/html",
    "markup": "<img src=x onerror=alert(1)>.txt",
    "hidden": ".htaccess",
    "option": "--help",
    "command": "$(reboot).txt",
    "stream": "a.txt::$DATA",
    "wide slash": "..\uff0f..\uff0fa.txt",
    "joiners": "a\u200d\u200b\ufeff.txt",
    "half a character": "a\ud800.txt",
    "marks above marks": "a" + "\u0301" * 200 + ".txt",
}

FILES = {
    **{title: text(content, "a.png") for title, content in MARKUP.items()},
    **{f"{title} as text": text(content, "a.txt") for title, content in list(MARKUP.items())[7:10]},
    **{title: text(content) for title, content in PLAIN.items()},
    **{title: text(content) for title, content in ENCODED.items()},
    **{title: other(content) for title, content in OTHERS.items()},
    **{
        title: HostileFile(lambda made=made: made, None, name)  # type: ignore[misc]
        for title, (made, name) in PROGRAMS.items()
    },
    **{
        title: HostileFile(lambda made=made: made, kind, "a.mp4")  # type: ignore[misc]
        for title, (made, kind) in MEDIA.items()
    },
    **{f"name: {title}": text("A harmless text.\n", name) for title, name in NAMES.items()},
}
