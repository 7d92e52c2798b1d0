"""How chargebacks are stored."""

from __future__ import annotations

from core.chargebacks import Chargeback
from ports.documents import Documents, DocumentType, Order
from ports.store import Repositories

CHARGEBACKS = DocumentType(
    "chargebacks",
    Chargeback,
    orders=(
        Order("of_payment", equals=("payment_id",), by=("opened_at",)),
        Order("of_client", equals=("client_id",), by=("opened_at",)),
        Order("of_developer", equals=("developer_id",), by=("opened_at",)),
        Order("newest", equals=(), by=("opened_at",), descending=True),
        Order("in_status", equals=("status",), by=("respond_by",)),
    ),
)


def chargebacks(repositories: Repositories) -> Documents[Chargeback]:
    return repositories.documents(CHARGEBACKS)
