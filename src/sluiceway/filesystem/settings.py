"""Settings of the filesystem."""

import msgspec


class FilesystemSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[filesystem]`` in the configuration file, ``SLUICEWAY_FILESYSTEM__*`` in the environment."""

    users_create_projects: bool = True
    """Whether every user may create projects in every space.

    Service users of applications, and everybody when this is off, need the role Editor on the
    space.
    """
