"""Pads: the text that the two parties of a booking write together."""

from core.calls_policy import CallPolicy
from core.pads import TooManyChanges
from core.pads_policy import PadPolicy
from core.policy import MINUTE
from services.pads.documents import CHANGES, PADS, STATES
from services.pads.personal_data import PadData
from services.pads.service import PadService, ReadPad, Synced
from services.pads.writing import PadWriter
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.rates import RateLimit

__all__ = ["CAPABILITY", "PADS", "PadService", "ReadPad", "Synced"]


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    policy = d.policies[PadPolicy]
    writer = PadWriter(store=d.store, texts=d.shared_texts, clock=d.clock, policy=policy)
    service = PadService(
        store=d.store,
        writer=writer,
        live=d.live,
        clock=d.clock,
        calls=d.policies[CallPolicy],
        policy=policy,
        changes=_limit(policy),
        cursors=_limit(policy),
    )
    return {"pads": service}


def _limit(policy: PadPolicy) -> RateLimit:
    at_most = policy.pad_changes_per_minute
    return RateLimit(at_most=at_most, within=MINUTE, error=TooManyChanges)


CAPABILITY = Capability(
    name="pads",
    build=build,
    documents=(PADS, CHANGES, STATES),
    policy=PadPolicy,
    personal_data=PadData(),
)
