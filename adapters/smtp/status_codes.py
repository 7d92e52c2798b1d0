"""What the enhanced status codes of mail servers say about an address (RFC 3463)."""

from __future__ import annotations

import re

NO_SUCH_MAILBOX = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""The mailbox or domain does not exist, has moved, accepts no mail or is disabled. A full mailbox
(5.2.2) and a policy (5.7.x, such as relaying denied) are not permanent for the address."""
CODE = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
