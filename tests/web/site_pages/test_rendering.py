"""Markdown of operators becomes clean HTML."""

from __future__ import annotations

import pytest

from web.site_pages.rendering import NoTitle, rendered


def test_the_first_line_is_the_title() -> None:
    page = rendered("# Terms *of* `use` & more\n\nBe *kind*.\n")

    assert page.title == "Terms of use & more"
    assert page.html == "<p>Be <em>kind</em>.</p>\n"


@pytest.mark.parametrize(
    "text", ["", "Terms\n", "## Terms\n", "#\n\nTerms\n", "\ufeff", "# &nbsp;"]
)
def test_a_text_without_a_title_is_refused(text: str) -> None:
    with pytest.raises(NoTitle):
        rendered(text)


def test_lists_tables_quotes_and_links_are_kept() -> None:
    html = rendered(
        "# T\n\n1. one\n2. [two](/rules)\n\n> quoted\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n"
    ).html

    assert html == (
        '<ol>\n<li>one</li>\n<li><a href="/rules" rel="noopener noreferrer">two</a></li>\n</ol>\n'
        "<blockquote>\n<p>quoted</p>\n</blockquote>\n"
        '<table class="table">\n<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n'
        "<tbody>\n<tr>\n<td>1</td>\n<td>2</td>\n</tr>\n</tbody>\n</table>\n"
    )


def test_further_titles_become_headings_of_the_second_level() -> None:
    html = rendered("# T\n\n# A\n\nB\n=\n\n## C\n\n###### D\n").html

    assert html == "<h2>A</h2>\n<h2>B</h2>\n<h2>C</h2>\n<h4>D</h4>\n"


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("<b style='x'>fat</b>", "<p>&lt;b style='x'&gt;fat&lt;/b&gt;</p>\n"),
        ("[a](javascript:alert(1))", "<p>[a](javascript:alert(1))</p>\n"),
        ("[a](data:text/html,x)", "<p>[a](data:text/html,x)</p>\n"),
        ("[a](ftp://example.com)", '<p><a rel="noopener noreferrer">a</a></p>\n'),
        ("![picture](https://example.com/p.png)", "<p></p>\n"),
        ('[a](/x "t&quot; onclick=&quot;y")', None),
    ],
)
def test_nothing_harmful_is_left(text: str, html: str | None) -> None:
    found = rendered(f"# T\n\n{text}\n").html

    assert html is None or found == html
    assert "<script" not in found
    assert ' onclick="' not in found
    assert "style=" not in found.replace("style='x'", "")
