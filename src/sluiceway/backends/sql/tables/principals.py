"""The tables of users and groups."""

from typing import Final

from sqlalchemy import JSON, BigInteger, Boolean, Column, ForeignKey, Index, String, Table, Text

from sluiceway.backends.sql.metadata import METADATA

_KEY_LENGTH: Final = 3 * 255
"""Casefolding makes up to three characters of one."""

USERS: Final = Table(
    "users",
    METADATA,
    Column("user_id", String(36), primary_key=True),
    Column("username", String(255), nullable=False),
    Column("username_key", String(_KEY_LENGTH), nullable=False, unique=True),
    Column("realm", String(255), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("client_id", String(255)),
    Column("given_name", String(255)),
    Column("family_name", String(255)),
    Column("email", String(320)),
    Column("is_admin", Boolean, nullable=False),
    Column("status", String(16), nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("password_hash", String(255)),
    Column("created_ms", BigInteger, nullable=False),
    Column("search_text", Text, nullable=False),
)
"""``search_text`` has one line for each text by whose beginning the user is found."""

GROUPS: Final = Table(
    "groups",
    METADATA,
    Column("group_id", String(36), primary_key=True),
    Column("name", String(255), nullable=False),
    Column("name_key", String(_KEY_LENGTH), nullable=False, unique=True),
    Column("description", Text),
    Column("realm", String(255), nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("created_ms", BigInteger, nullable=False),
)

GROUP_MEMBERS: Final = Table(
    "group_members",
    METADATA,
    Column("group_id", String(36), ForeignKey("groups.group_id"), primary_key=True),
    Column("principal_id", String(36), primary_key=True),
    Column("principal_type", String(8), nullable=False),
    Index("ix_group_members_principal_id", "principal_id"),
)
