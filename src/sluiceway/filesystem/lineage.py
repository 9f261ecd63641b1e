"""What follows for a resource from the folders above it: its path, its trash status, the roles."""

from collections.abc import Iterable, Mapping

import msgspec

from sluiceway.access.roles import Role
from sluiceway.filesystem.types import (
    ROOT_FOLDER_RID,
    Grant,
    Resource,
    ResourceRecord,
    TrashStatus,
    Visible,
)
from sluiceway.foundation.rids import Rid


def resource_below(record: ResourceRecord, parent: Resource | None) -> Resource:
    """Complete *record* with what follows from the folder it lies in; ``None`` for a space."""
    if record.trashed_ms is not None:
        trash_status = TrashStatus.DIRECTLY_TRASHED
    elif parent is not None and parent.is_trashed:
        trash_status = TrashStatus.ANCESTOR_TRASHED
    else:
        trash_status = TrashStatus.NOT_TRASHED
    above = "" if parent is None else parent.path
    return Resource(
        **msgspec.structs.asdict(record),
        path=f"{above}/{record.display_name}",
        trash_status=trash_status,
    )


def record_of(resource: ResourceRecord) -> ResourceRecord:
    """Take from *resource* what is kept of it."""
    kept = {name: getattr(resource, name) for name in ResourceRecord.__struct_fields__}
    return ResourceRecord(**kept)


def chain_of(rid: Rid, records: Mapping[Rid, ResourceRecord]) -> tuple[Resource, ...]:
    """Give the resource and the folders above it up to the space; empty when it does not exist.

    *records* has them all; a chain that is broken, as it is being deleted, counts as gone.
    """
    upwards: list[ResourceRecord] = []
    while rid != ROOT_FOLDER_RID:
        record = records.get(rid)
        if record is None or len(upwards) >= len(records):
            return ()
        upwards.append(record)
        rid = record.parent_folder_rid
    chain: list[Resource] = []
    for record in reversed(upwards):
        chain.append(resource_below(record, chain[-1] if chain else None))
    return tuple(reversed(chain))


def strongest_roles(grants: Iterable[Grant]) -> dict[Rid, Role]:
    """Give the strongest role that is granted on each resource itself."""
    strongest: dict[Rid, Role] = {}
    for grant in grants:
        strongest[grant.rid] = max(grant.role, strongest.get(grant.rid, grant.role))
    return strongest


def visible_of(
    chain: tuple[Resource, ...], granted: Mapping[Rid, Role], *, is_admin: bool
) -> Visible:
    """Join a chain with the caller's roles, which each folder hands down to what lies in it."""
    roles: list[Role | None] = []
    inherited: Role | None = Role.OWNER if is_admin else None
    for resource in reversed(chain):
        own = granted.get(resource.rid)
        if own is not None and (inherited is None or own > inherited):
            inherited = own
        roles.append(inherited)
    return Visible(chain[0], chain[1:], tuple(reversed(roles)))
