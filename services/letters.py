"""Setting a letter as text and as HTML: one layout for every mail."""

from __future__ import annotations

from html import escape
from string import Template

from core.letters import Letter

LAYOUT = Template("""\
<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>$title</title></head>
<body style="margin:0;padding:24px 12px;background:#f4f6f6;color:#0e1e22;\
font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif">
<div style="max-width:560px;margin:0 auto;padding:24px;background:#ffffff;\
border:1px solid #d9e1e1;border-top:4px solid #0b5563">
<p style="margin:0 0 16px;font-weight:700">1HourDeveloper</p>
<h1 style="margin:0 0 16px;font-size:21px;line-height:1.2">$title</h1>
$body
</div></body></html>
""")
PARAGRAPH = '<p style="margin:0 0 16px">{}</p>'
CODE = '<p style="margin:0 0 16px;font:650 32px/1.2 monospace;letter-spacing:.16em">{}</p>'
BUTTON = (
    '<p style="margin:0 0 16px"><a href="{}" style="display:inline-block;padding:11px 18px;'
    'border-radius:8px;background:#0b5563;color:#ffffff;font-weight:600;text-decoration:none">'
    "{}</a></p>"
)
NOTE = '<p style="margin:0;color:#3f5256;font-size:14px">{}</p>'


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
    return LAYOUT.substitute(title=escape(letter.subject), body="\n".join(parts))
