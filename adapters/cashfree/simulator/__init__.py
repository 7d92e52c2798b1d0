"""Cashfree on this machine, for trying out and for tests. No money moves.

It knows nothing of the house: its books are its own, so that they can be compared with ours.
"""

from adapters.cashfree.simulator.app import Simulator, create_simulator
from adapters.cashfree.simulator.settings import SimulatorSettings

__all__ = ["Simulator", "SimulatorSettings", "create_simulator"]
