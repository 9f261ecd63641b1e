"""``/api/v2/filesystem``: paths, bodies and preview flags as in ``foundry_sdk/v2/filesystem``.

Beside it ``/api/v1/filesystem``, which is our own.
"""

from typing import Final

from sluiceway.filesystem.api import browser, folders, projects, resources, roles, spaces

HANDLERS: Final = (
    *spaces.HANDLERS,
    *projects.HANDLERS,
    *folders.HANDLERS,
    *resources.HANDLERS,
    *roles.HANDLERS,
    *browser.HANDLERS,
)
