"""A simulator of Cashfree Payments, for development and tests. No money moves.

It shares no code with the application, so that its totals can be compared with our ledger.
"""

from adapters.cashfree.simulator.app import Simulator, create_simulator
from adapters.cashfree.simulator.settings import SimulatorSettings

__all__ = ["Simulator", "SimulatorSettings", "create_simulator"]
