"""How many files the process may have open, which is what bounds its connections in the end."""

import resource
from typing import Final

FILES_KEPT: Final = 768
"""For all but the connections that are served: the log, the databases, connections that are
turned away. Without a file to spare the log could not go on writing."""


def room_for_connections() -> int:
    """Raise the limit of this process as far as it may; give how many connections then fit."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return max(1, hard - FILES_KEPT) if hard != resource.RLIM_INFINITY else 2**31
