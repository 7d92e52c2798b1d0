"""Files in a folder of this machine, or of a network file system."""

from adapters.disk.offer import OFFER

__all__ = ["OFFER"]
