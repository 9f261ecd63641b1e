"""How many files and connections the process may have open."""

import resource
from typing import Final

OPEN_FILES_MAX: Final = 65_536
"""As many as are asked for: a connection needs one, and a shell's usual 1,024 are soon gone."""


def raise_open_files_limit() -> int:
    """Raise the soft limit as far as the hard one allows; give what it is then."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES_MAX if hard == resource.RLIM_INFINITY else min(OPEN_FILES_MAX, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
