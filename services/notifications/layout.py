"""Setting a letter as text and as HTML: one layout for every mail."""

from __future__ import annotations

from html import escape
from string import Template

from core.letters import Letter

LAYOUT = Template("""\
<!doctype html>
<html lang="en" dir="ltr"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>$title</title>
<style>
@media (prefers-color-scheme: dark) {
  .desk { background: #0e1718 !important; color: #e6efef !important }
  .sheet { background: #162224 !important; border-color: #2c3d40 !important }
  .note { color: #a9bcbf !important }
  .button { background: #7fd0dd !important; color: #06282e !important }
}
</style></head>
<body class="desk" style="margin:0;padding:24px 12px;background:#f4f6f6;color:#0e1e22;\
font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div style="display:none;max-height:0;overflow:hidden;mso-hide:all">$preview</div>
<div class="sheet" style="max-width:560px;margin:0 auto;padding:24px;background:#ffffff;\
border:1px solid #d9e1e1;border-top:4px solid #0b5563;\
word-break:break-word;overflow-wrap:anywhere">
<p style="margin:0 0 16px;font-weight:700">1HourDeveloper</p>
<h1 style="margin:0 0 16px;font-size:21px;line-height:1.2">$title</h1>
$body
</div></body></html>
""")
"""Styles are inline because many readers drop the rest; those that keep it have a dark mode.
The hidden first line is what a list of mails shows beside the subject, which repeats the title."""
PARAGRAPH = '<p style="margin:0 0 16px">{}</p>'
CODE = '<p style="margin:0 0 16px;font:650 32px/1.2 monospace;letter-spacing:.16em">{}</p>'
BUTTON = (
    '<p style="margin:0 0 16px"><a class="button" href="{}" style="display:inline-block;'
    "padding:11px 18px;border-radius:8px;background:#0b5563;color:#ffffff;"
    'font-weight:600;text-decoration:none">'
    "{}</a></p>"
)
NOTE = '<p class="note" style="margin:0;color:#3f5256;font-size:14px">{}</p>'


def as_text(letter: Letter) -> str:
    parts = [letter.subject, *([letter.code] if letter.code else []), *letter.paragraphs]
    if letter.button:
        words, address = letter.button
        parts.append(f"{words}:\n{address}")
    if letter.note:
        parts.append(letter.note)
    return "\n\n".join([*parts, "1HourDeveloper"]) + "\n"


def as_html(letter: Letter) -> str:
    parts = [CODE.format(escape(letter.code))] if letter.code else []
    parts += [PARAGRAPH.format(escape(paragraph)) for paragraph in letter.paragraphs]
    if letter.button:
        words, address = letter.button
        parts.append(BUTTON.format(escape(address, quote=True), escape(words)))
    if letter.note:
        parts.append(NOTE.format(escape(letter.note)))
    return LAYOUT.substitute(
        title=escape(letter.subject),
        preview=escape(" ".join(letter.paragraphs[:1])),
        body="\n".join(parts),
    )
