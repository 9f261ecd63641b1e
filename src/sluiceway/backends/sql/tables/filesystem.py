"""The tables of resources and of the roles granted on them."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from sluiceway.backends.sql.metadata import METADATA

RESOURCES: Final = Table(
    "resources",
    METADATA,
    Column("rid", String(255), primary_key=True),
    Column("type", String(32), nullable=False),
    Column("parent_folder_rid", String(255), nullable=False),
    Column("project_rid", String(255)),
    Column("space_rid", String(255), nullable=False),
    Column("display_name", String(700), nullable=False),
    Column("name_key", String(160), nullable=False),
    Column("description", Text),
    Column("role_grants_allowed", Boolean, nullable=False),
    Column("created_by", String(36), nullable=False),
    Column("updated_by", String(36), nullable=False),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    Column("trashed_ms", BigInteger),
    Index("ix_resources_parent", "parent_folder_rid"),
)
"""Every space, project, folder and dataset. The parent of a space is no row."""

ROLE_GRANTS: Final = Table(
    "role_grants",
    METADATA,
    Column("rid", ForeignKey(RESOURCES.c.rid), primary_key=True),
    Column("principal_id", String(36), primary_key=True),
    Column("role", Integer, primary_key=True),
    Column("principal_type", String(16), nullable=False),
    Index("ix_role_grants_principal", "principal_id"),
)
"""What is granted on a resource itself; what follows for those below it is worked out."""
