"""How pads are stored: their changes, a state that stands for the first of them, and what is known
about the whole."""

from core.pads import Pad, PadChange, PadState
from ports.documents import DocumentType, Order

PADS = DocumentType("pads", Pad)
CHANGES = DocumentType(
    "pad_changes", PadChange, orders=(Order("log", equals=("booking_id",), by=("seq",)),)
)
STATES = DocumentType("pad_states", PadState)
