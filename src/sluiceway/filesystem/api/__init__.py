"""``/api/v2/filesystem``: paths, bodies and preview flags as in ``foundry_sdk/v2/filesystem``."""

from typing import Final

from sluiceway.filesystem.api import folders, projects, resources, roles, spaces

HANDLERS: Final = (
    *spaces.HANDLERS,
    *projects.HANDLERS,
    *folders.HANDLERS,
    *resources.HANDLERS,
    *roles.HANDLERS,
)
