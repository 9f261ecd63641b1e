"""The first form of the tables."""

import sqlalchemy as sa
from alembic import op

revision: str = "0001"
down_revision: str | None = None


def upgrade() -> None:
    """Make every table, and the one row of the change counter."""
    op.create_table(
        "applications",
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("client_type", sa.String(length=16), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("secret_sha256", sa.LargeBinary(length=32), nullable=True),
        sa.Column("service_user_id", sa.String(length=36), nullable=True),
        sa.Column("installation", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=True),
        sa.Column("used_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("client_id", name=op.f("pk_applications")),
    )
    op.create_table(
        "audit_events",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("time_ms", sa.BigInteger(), nullable=False),
        sa.Column("actor_id", sa.String(length=36), nullable=True),
        sa.Column("actor_name", sa.String(length=255), nullable=False),
        sa.Column("token_id", sa.String(length=36), nullable=True),
        sa.Column("origin", sa.String(length=255), nullable=False),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_events")),
    )
    op.create_index(
        "ix_audit_events_subject", "audit_events", ["subject", "event_id"], unique=False
    )
    op.create_table(
        "changes",
        sa.Column("changes_id", sa.Integer(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("changes_id", name=op.f("pk_changes")),
    )
    op.create_table(
        "gone_views",
        sa.Column("view_rid", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("view_rid", name=op.f("pk_gone_views")),
    )
    op.create_table(
        "groups",
        sa.Column("group_id", sa.String(length=36), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("name_key", sa.String(length=765), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("realm", sa.String(length=255), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_groups")),
        sa.UniqueConstraint("name_key", name=op.f("uq_groups_name_key")),
    )
    op.create_table(
        "resources",
        sa.Column("rid", sa.String(length=255), nullable=False),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("parent_folder_rid", sa.String(length=255), nullable=False),
        sa.Column("project_rid", sa.String(length=255), nullable=True),
        sa.Column("space_rid", sa.String(length=255), nullable=False),
        sa.Column("display_name", sa.String(length=700), nullable=False),
        sa.Column("name_key", sa.String(length=160), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("role_grants_allowed", sa.Boolean(), nullable=False),
        sa.Column("created_by", sa.String(length=36), nullable=False),
        sa.Column("updated_by", sa.String(length=36), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.Column("trashed_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("rid", name=op.f("pk_resources")),
    )
    op.create_index("ix_resources_parent", "resources", ["parent_folder_rid"], unique=False)
    op.create_index(
        "uq_resources_live_name",
        "resources",
        ["parent_folder_rid", "name_key"],
        unique=True,
        sqlite_where=sa.text("trashed_ms IS NULL"),
        postgresql_where=sa.text("trashed_ms IS NULL"),
    )
    op.create_table(
        "subscribers",
        sa.Column("subscriber_id", sa.String(length=255), nullable=False),
        sa.Column("dataset_rid", sa.String(length=255), nullable=False),
        sa.Column("branch_name", sa.String(length=255), nullable=False),
        sa.Column("view_rid", sa.String(length=255), nullable=False),
        sa.Column("read_position", sa.JSON(), nullable=False),
        sa.Column("start_offsets", sa.JSON(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_subscribers")),
    )
    op.create_index(
        "ix_subscribers_stream", "subscribers", ["dataset_rid", "branch_name"], unique=False
    )
    op.create_table(
        "tokens",
        sa.Column("token_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("sha256", sa.LargeBinary(length=32), nullable=False),
        sa.Column("last_four", sa.String(length=4), nullable=False),
        sa.Column("principal_id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=True),
        sa.Column("grant_id", sa.String(length=36), nullable=True),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("operations", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=True),
        sa.Column("used_ms", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("sha256", name=op.f("uq_tokens_sha256")),
    )
    op.create_index("ix_tokens_client_id", "tokens", ["client_id"], unique=False)
    op.create_index("ix_tokens_expires_ms", "tokens", ["expires_ms"], unique=False)
    op.create_index("ix_tokens_grant_id", "tokens", ["grant_id"], unique=False)
    op.create_index(
        "ix_tokens_principal_id", "tokens", ["principal_id", "kind", "token_id"], unique=False
    )
    op.create_table(
        "users",
        sa.Column("user_id", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=255), nullable=False),
        sa.Column("username_key", sa.String(length=765), nullable=False),
        sa.Column("realm", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("client_id", sa.String(length=255), nullable=True),
        sa.Column("given_name", sa.String(length=255), nullable=True),
        sa.Column("family_name", sa.String(length=255), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("is_enabled", sa.Boolean(), nullable=False),
        sa.Column("password_hash", sa.String(length=255), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_users")),
        sa.UniqueConstraint("username_key", name=op.f("uq_users_username_key")),
    )
    op.create_table(
        "views",
        sa.Column("view_rid", sa.String(length=255), nullable=False),
        sa.Column("dataset_rid", sa.String(length=255), nullable=False),
        sa.Column("branch_name", sa.String(length=255), nullable=False),
        sa.Column("schema", sa.JSON(), nullable=False),
        sa.Column("partitions", sa.Integer(), nullable=False),
        sa.Column("stream_type", sa.String(length=32), nullable=False),
        sa.Column("compressed", sa.Boolean(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("view_rid", name=op.f("pk_views")),
        sa.UniqueConstraint("dataset_rid", "branch_name", name=op.f("uq_views_dataset_rid")),
    )
    op.create_table(
        "authorization_codes",
        sa.Column("token_id", sa.String(length=36), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("names_redirect_uri", sa.Boolean(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("is_refreshable", sa.Boolean(), nullable=False),
        sa.Column("code_challenge", sa.String(length=43), nullable=True),
        sa.ForeignKeyConstraint(
            ["token_id"],
            ["tokens.token_id"],
            name=op.f("fk_authorization_codes_token_id_tokens"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("token_id", name=op.f("pk_authorization_codes")),
    )
    op.create_table(
        "authorizations",
        sa.Column("principal_id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=32), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("agreed", sa.JSON(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("used_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client_id"],
            ["applications.client_id"],
            name=op.f("fk_authorizations_client_id_applications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("principal_id", "client_id", name=op.f("pk_authorizations")),
    )
    op.create_index("ix_authorizations_client_id", "authorizations", ["client_id"], unique=False)
    op.create_table(
        "group_members",
        sa.Column("group_id", sa.String(length=36), nullable=False),
        sa.Column("principal_id", sa.String(length=36), nullable=False),
        sa.Column("principal_type", sa.String(length=8), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["groups.group_id"], name=op.f("fk_group_members_group_id_groups")
        ),
        sa.PrimaryKeyConstraint("group_id", "principal_id", name=op.f("pk_group_members")),
    )
    op.create_index(
        "ix_group_members_principal_id", "group_members", ["principal_id"], unique=False
    )
    op.create_table(
        "role_grants",
        sa.Column("rid", sa.String(length=255), nullable=False),
        sa.Column("principal_id", sa.String(length=36), nullable=False),
        sa.Column("role", sa.Integer(), nullable=False),
        sa.Column("principal_type", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["rid"], ["resources.rid"], name=op.f("fk_role_grants_rid_resources")
        ),
        sa.PrimaryKeyConstraint("rid", "principal_id", "role", name=op.f("pk_role_grants")),
    )
    op.create_index("ix_role_grants_principal", "role_grants", ["principal_id"], unique=False)
    op.create_table(
        "subscriber_positions",
        sa.Column("subscriber_id", sa.String(length=255), nullable=False),
        sa.Column("partition", sa.Integer(), nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.subscriber_id"],
            name=op.f("fk_subscriber_positions_subscriber_id_subscribers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "partition", name=op.f("pk_subscriber_positions")),
    )

    op.execute("INSERT INTO changes (changes_id, counter) VALUES (1, 0)")
