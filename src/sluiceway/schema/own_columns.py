"""The three columns that every table of a stream has beside those of its schema."""

from typing import NamedTuple

from sluiceway.schema.types import StreamSchema


class OwnColumns(NamedTuple):
    """What they are called, in their order behind the columns of the schema."""

    partition: str
    """Of the partition, an integer of 32 bits."""
    offset: str
    """Of the offset in it, an integer of 64 bits."""
    ingested_at: str
    """Of when the record became durable, a moment."""


_USUAL = OwnColumns("_partition", "_offset", "_ingested_at")


def own_columns(schema: StreamSchema) -> OwnColumns:
    """Give our columns of a stream's table: fields of such names, in any case of letters, keep theirs.

    Ours then have as many underscores more in front as it takes, as engines that do not tell the
    cases of letters apart must find each column.
    """
    taken = {field.name.lower() for field in schema.fields}
    return OwnColumns(*(_free(name, taken) for name in _USUAL))


def _free(name: str, taken: set[str]) -> str:
    while name in taken:
        name = f"_{name}"
    return name
