"""Calls through OpenVidu 3, or any server of the LiveKit protocol."""

from adapters.openvidu.offer import OFFER

__all__ = ["OFFER"]
