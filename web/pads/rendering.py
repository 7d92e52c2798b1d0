"""The text of a pad by the line, with the colours of its language."""

from __future__ import annotations

from core.pads import Pad
from web.files import CodeView, coloured, plain_lines
from web.shared.code import LANGUAGES


def shown(pad: Pad) -> CodeView:
    """It takes up to some tenths of a second, so that pages call it in a thread."""
    lines, is_cut = plain_lines(pad.text)
    return CodeView(coloured(lines, pad.language if pad.language in LANGUAGES else ""), is_cut)
