"""The error page of last resort: needs no template, style sheet or service."""

from __future__ import annotations

from markupsafe import Markup

PAGE = Markup(
    """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex">
<title>{title}</title>
</head>
<body>
<h1>{title}</h1>
<p>{detail}</p>
<p>Status {status}. Please quote <code>{trace_id}</code> if you ask for help.</p>
<p><a href="/">Go to the home page</a></p>
</body>
</html>
"""
)


def plain_page(*, status: int, title: str, detail: str, trace_id: str) -> str:
    """A whole HTML page; the texts are escaped."""
    return PAGE.format(status=status, title=title, detail=detail, trace_id=trace_id)
