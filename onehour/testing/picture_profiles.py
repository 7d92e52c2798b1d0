"""ICC profiles for the contract of pictures, made by the specification (ICC.1:2022): of a display
with the primaries of Display P3, of a grey scale with a linear tone curve, and of a press."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Mapping

D50 = (0.9642, 1.0, 0.8249)
P3_PRIMARIES = {
    b"rXYZ": (0.51512, 0.24120, -0.00105),
    b"gXYZ": (0.29198, 0.69225, 0.04189),
    b"bXYZ": (0.15710, 0.06657, 0.78407),
}
"""Adapted to the illuminant D50, as in the profile that phones embed."""
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
CYAN_LAB, WHITE_LAB, BLACK_LAB = (60, -30, -40), (100, 0, 0), (0, 0, 0)
"""What the press prints for full cyan, for no ink, and for black."""


def display_p3() -> bytes:
    curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + b"".join(map(_fixed, SRGB_CURVE))
    tags = {name: _xyz(*values) for name, values in P3_PRIMARIES.items()}
    curves = dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    return _profile(b"mntr", b"RGB ", b"XYZ ", {b"wtpt": _xyz(*D50), **tags, **curves})


def linear_grey() -> bytes:
    """Half of the scale is half of the light."""
    curve = b"curv" + bytes(4) + struct.pack(">I", 0)
    return _profile(b"mntr", b"GRAY", b"XYZ ", {b"wtpt": _xyz(*D50), b"kTRC": curve})


def press() -> bytes:
    """CMYK: with black ink black, with cyan alone `CYAN_LAB`, otherwise the paper."""
    table = bytearray()
    for cyan, magenta, yellow, black in itertools.product((0, 1), repeat=4):
        only_cyan = (cyan, magenta, yellow) == (1, 0, 0)
        lab = BLACK_LAB if black else CYAN_LAB if only_cyan else WHITE_LAB
        table += bytes((round(lab[0] * 2.55), lab[1] + 128, lab[2] + 128))
    identity = b"".join(_fixed(float(n % 4 == 0)) for n in range(9))
    straight = bytes(range(256))
    lut = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + identity + straight * 4 + table + straight * 3
    return _profile(b"prtr", b"CMYK", b"Lab ", {b"wtpt": _xyz(*D50), b"A2B0": bytes(lut)})


def _profile(kind: bytes, space: bytes, pcs: bytes, tags: Mapping[bytes, bytes]) -> bytes:
    offset, index, data = 128 + 4 + 12 * len(tags), b"", b""
    for name, value in tags.items():
        index += name + struct.pack(">II", offset + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    size = offset + len(data)
    header = struct.pack(">I4sI", size, b"", 0x04300000) + kind + space + pcs
    header += bytes(12) + b"acsp" + bytes(28) + b"".join(map(_fixed, D50)) + bytes(48)
    return header + struct.pack(">I", len(tags)) + index + data


def _xyz(*values: float) -> bytes:
    return b"XYZ " + bytes(4) + b"".join(map(_fixed, values))


def _fixed(number: float) -> bytes:
    """A signed number with sixteen fractional bits."""
    return struct.pack(">i", round(number * 65536))
