"""That no two resources of a folder have one name, unless they are in the trash.

No statement needs this to be described, only who compares the tables with a database, such as the
test of migrations. It is a module of its own since SQLAlchemy loads the dialects of both databases
to read it: a start has one.
"""

from sqlalchemy import Index, text

from sluiceway.backends.sql.tables.filesystem import RESOURCES

Index(
    "uq_resources_live_name",
    RESOURCES.c.parent_folder_rid,
    RESOURCES.c.name_key,
    unique=True,
    sqlite_where=text("trashed_ms IS NULL"),
    postgresql_where=text("trashed_ms IS NULL"),
)
