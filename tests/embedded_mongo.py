"""The embedded server without its removal of expired documents: clocks of tests stand in the past,
where everything that expires has expired. Its own setting for that is not read.

Run by `tests/servers.py` with the options of `secantusd-py`.
"""

from __future__ import annotations

import sys
from functools import partial

from secantus import cli

if __name__ == "__main__":
    cli.SecantusDBServer = partial(cli.SecantusDBServer, ttl_sweep_seconds=0)
    sys.exit(cli.main())
