"""Calls: the video consultation of a booking, and who was there."""

from core.calls import TooManySignals
from core.calls_messages import CloseRoom
from core.calls_policy import CallPolicy
from core.policy import MINUTE, SECOND
from services.calls.personal_data import CallData
from services.calls.presence import Joined, Meeting, PresenceInCalls
from services.calls.rooms import Admitted, CallService
from services.calls.storage import CALLS
from services.shared.capabilities import Built, Capability
from services.shared.dependencies import Dependencies
from services.shared.rates import RateLimit

__all__ = ["CAPABILITY", "Admitted", "CallService", "Joined", "Meeting", "PresenceInCalls"]

NOTES_A_MINUTE = 120
"""Of one account: a page notes its presence 15 times a minute."""
SIGNALS_A_SECOND = 50


def build(dependencies: Dependencies, built: Built) -> dict[str, object]:
    d = dependencies
    policy = d.policies[CallPolicy]
    presence = PresenceInCalls(
        store=d.store,
        video=d.video,
        live=d.live,
        clock=d.clock,
        policy=policy,
        notes=RateLimit(at_most=NOTES_A_MINUTE, within=MINUTE, error=TooManySignals),
        signals=RateLimit(at_most=SIGNALS_A_SECOND, within=SECOND, error=TooManySignals),
    )
    calls = CallService(
        store=d.store,
        video=d.video,
        presence=presence,
        live=d.live,
        clock=d.clock,
        ids=d.ids,
        policy=policy,
    )
    return {"calls": calls, "call_presence": presence}


CAPABILITY = Capability(
    name="calls",
    build=build,
    repositories=("stays",),
    documents=(CALLS,),
    messages=(CloseRoom,),
    policy=CallPolicy,
    personal_data=CallData(),
)
