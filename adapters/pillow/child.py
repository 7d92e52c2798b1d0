"""Decodes one picture in a process of its own: the upload comes in, the avatar goes out.

The first byte of the output says what follows: the avatar, or the sentence of a refusal. A process
that ends without output was stopped by its limit of memory, or by an error of a decoder.
"""

from __future__ import annotations

import os
import resource
import sys

DONE, REFUSED = b"A", b"R"
MEMORY_MAXIMUM = 2_000_000_000
"""Bytes of address space, more than twice what the largest picture needs."""
NICE = 10
"""Requests of this machine come first."""


def main() -> None:
    # Loaded here, so that importing the names above costs nothing.
    from adapters.pillow.decoding import avatar_of
    from ports.pictures import PictureRefused

    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAXIMUM, MEMORY_MAXIMUM))
    try:
        answer = DONE + avatar_of(sys.stdin.buffer.read())
    except PictureRefused as refused:
        answer = REFUSED + refused.message.encode()
    sys.stdout.buffer.write(answer)


if __name__ == "__main__":
    main()
