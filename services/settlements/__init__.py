"""Settlements: what payment providers pay to our bank, read every day and kept."""

from core.settlements_messages import ReadSettlementLines, ReadSettlements, SettlementNews
from core.settlements_policy import SettlementPolicy
from services.settlements.documents import SETTLED_LINES, SETTLEMENT_READINGS, SETTLEMENTS
from services.settlements.lists import SettlementLists
from services.settlements.service import SettlementService
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies

__all__ = [
    "CAPABILITY",
    "SETTLED_LINES",
    "SETTLEMENTS",
    "SETTLEMENT_READINGS",
    "SettlementLists",
    "SettlementService",
]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    return {
        "settlements": SettlementService(
            store=d.store,
            gateways=d.gateways,
            clock=d.clock,
            policy=d.policies[SettlementPolicy],
        ),
        "settlement_lists": SettlementLists(store=d.store),
    }


CAPABILITY = Capability(
    name="settlements",
    build=build,
    documents=(SETTLEMENTS, SETTLED_LINES, SETTLEMENT_READINGS),
    messages=(ReadSettlements, ReadSettlementLines, SettlementNews),
    policy=SettlementPolicy,
    personal_data=None,
)
