"""Static files are found by capability, joined into one style sheet, and never from elsewhere."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from onehour.plugins import reading
from web.app import WEB
from web.shared.assets import COMMON, Assets, StaticFolder
from web.shared.minified import minified
from web.shared.records import static_folders

ROOT = Path(__file__).parents[2]
STATIC = static_folders(WEB)
LARGEST_GZIPPED = 14_000
"""About what the first round trip of a new connection carries."""


def diary(path: Path, sheets: tuple[str, ...] = ()) -> StaticFolder:
    folder = path / "diary"
    (folder / "js").mkdir(parents=True)
    (folder / "js" / "page.js").write_text("1;\n")
    (folder / "diary.css").write_text(".diary { color: red; }\n")
    (folder / ".hidden").write_text("x")
    (path / "secret.txt").write_text("x")
    return StaticFolder("diary", folder, sheets)


def test_the_style_sheet_is_small_as_served() -> None:
    assert len(gzip.compress(Assets(folders=STATIC).bundle(), 6)) < LARGEST_GZIPPED


def test_no_string_of_the_style_sheet_spans_lines() -> None:
    sheet = re.sub(r"/\*.*?\*/", "", Assets(folders=STATIC).bundle().decode(), flags=re.DOTALL)
    assert [line for line in sheet.splitlines() if line.count('"') % 2] == []


def test_the_style_sheet_is_minified_and_keeps_every_rule() -> None:
    written = "".join((one.path / sheet).read_text() for one in STATIC for sheet in one.sheets)
    served = Assets(folders=STATIC).bundle().decode()

    assert len(served) < 0.75 * len(written)
    assert served.count("{") == re.sub(r"/\*.*?\*/", "", written, flags=re.DOTALL).count("{")
    assert "/*" not in served


@pytest.mark.parametrize(
    ("written", "served"),
    [
        ("@layer a { .b :is(p, ul) { margin: 0 } }", "@layer a{.b *:is(p,ul){margin:0}}"),
        ("@layer a { .b:hover { & :hover > i { x: y } } }", "@layer a{.b:hover{& *:hover>i{x:y}}}"),
        ("@layer a { .b ::before { x: y } }", "@layer a{.b *::before{x:y}}"),
        (".b { color : red; width: calc(1px + 2px) }", ".b{color:red;width:calc(1px + 2px)}"),
        ("/* a :is */ .b { c: d }", ".b{c:d}"),
        ('.b { content: " :is{" ; c: " ,  " }', '.b{content:" :is{";c:" ,  "}'),
    ],
)
def test_a_minified_sheet_means_the_same(written: str, served: str) -> None:
    assert minified(written) == served


def test_a_file_named_in_a_sheet_has_its_version() -> None:
    assets = Assets(folders=STATIC)

    names = re.findall(r'url\("([^"?]+)\?v=([0-9a-f]{12})"\)', assets.bundle().decode())

    fonts = [name for name, _ in names if name.endswith(".woff2")]
    assert len(fonts) >= 2
    assert len(names) == assets.bundle().count(b"url(") - assets.bundle().count(b'url("data:')
    assert names == [(name, assets.version(name)) for name, _ in names]


def test_every_style_sheet_in_a_static_folder_is_served() -> None:
    """With all pages, or by the template of the one that needs it."""
    built_in = reading({})
    built_in.load(["feedback", "campaigns"])
    roots = (ROOT / "web", ROOT / "plugins")
    templates = "".join(file.read_text() for root in roots for file in root.rglob("*.html"))
    for folder in static_folders((*WEB, *built_in.web)):
        for file in folder.path.rglob("*.css"):
            name = str(file.relative_to(folder.path))
            needed = re.search(rf"""page_sheet\(["']{folder.prefix}/{name}["']\)""", templates)
            assert (name in folder.sheets) is not bool(needed), (folder.prefix, name)


def test_a_file_is_found_in_its_folder_and_a_common_one_without_prefix(tmp_path: Path) -> None:
    folder = diary(tmp_path)
    assets = Assets(folders=[folder])

    assert assets.find("diary/js/page.js") == folder.path / "js" / "page.js"
    assert assets.find("favicon.svg") == COMMON / "favicon.svg"
    assert assets.find("js/page.js") is None
    assert assets.find("diary") is None


@pytest.mark.parametrize(
    "path",
    [
        "diary/../secret.txt",
        "diary/js/../../secret.txt",
        "../shared/assets.py",
        "diary//etc/passwd",
        "/etc/passwd",
        "diary/.hidden",
        "diary/js/page.js\0",
        "",
    ],
)
def test_nothing_outside_the_folders_is_found(tmp_path: Path, path: str) -> None:
    assert Assets(folders=[diary(tmp_path)]).find(path) is None


def test_a_further_folder_adds_its_sheets_at_the_end(tmp_path: Path) -> None:
    assets = Assets(folders=STATIC)
    before = Assets(folders=STATIC).bundle()

    assets.add(diary(tmp_path, sheets=("diary.css",)))

    assert assets.bundle() == before + b".diary{color:red}"


def test_a_folder_comes_before_the_first_answer_or_not_at_all(tmp_path: Path) -> None:
    assets = Assets()
    assets.bundle()

    with pytest.raises(RuntimeError, match="already served without diary"):
        assets.add(diary(tmp_path))


@pytest.mark.parametrize("prefix", ["", ".", "a/b", "..", "Shared", "vendor", "avatars"])
def test_a_prefix_is_a_plain_name_that_nobody_has(tmp_path: Path, prefix: str) -> None:
    with pytest.raises(ValueError, match=r"prefix of static files|static files are called"):
        Assets(common=with_vendor(tmp_path), folders=(*STATIC, StaticFolder(prefix, tmp_path)))


def with_vendor(path: Path) -> Path:
    (path / "common" / "vendor").mkdir(parents=True)
    return path / "common"


def test_a_sheet_that_is_missing_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"has no style sheet nothing\.css"):
        Assets(folders=[StaticFolder("diary", tmp_path, ("nothing.css",))])


def test_an_address_changes_with_the_content(tmp_path: Path) -> None:
    folder = diary(tmp_path)
    before = Assets(folders=[folder]).digest("diary/js/page.js", "sha256")
    (folder.path / "js" / "page.js").write_text("2;\n")

    assert Assets(folders=[folder]).digest("diary/js/page.js", "sha256") != before
    assert Assets(folders=[folder]).digest("diary/js/none.js", "sha256") == b""
