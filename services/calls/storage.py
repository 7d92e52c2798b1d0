"""How calls are stored."""

from core.calls import Call
from ports.documents import DocumentType, Order, Unique

CALLS = DocumentType(
    "calls",
    Call,
    unique=(Unique(("room",)),),
    orders=(Order("open", equals=("ended_at",), by=("opened_at",)),),
)
