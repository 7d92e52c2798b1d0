"""What the editor of a pad needs to know."""

from __future__ import annotations

from core.pads import LANGUAGES
from services.pads import ReadPad
from web.shared.context import services
from web.shared.headers import allow_source, nonce
from web.shared.sides import Side


def editor(read: ReadPad, side: Side) -> dict[str, object]:
    """The facts of `pads/_editor.html`. The page may use the style sheets that the editor makes:
    they have the nonce of the page."""
    if read.is_editable:
        allow_source("style-src", f"'nonce-{nonce()}'")
    return {
        "booking": read.booking,
        "side": side,
        "read": read,
        "languages": LANGUAGES,
        "most": services().pads.policy.pad_bytes_maximum,
        "names": {side.viewer.id: "You", side.other.account_id: side.name},
    }
