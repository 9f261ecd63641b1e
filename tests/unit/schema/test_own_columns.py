"""Our own columns never take the name of a field."""

import msgspec
import pytest

from fixtures.api import field, schema
from sluiceway.schema.arrow.own import own_fields
from sluiceway.schema.own_columns import own_columns
from sluiceway.schema.types import StreamSchema


@pytest.mark.parametrize(
    ("names", "own"),
    [
        (("a",), ("_partition", "_offset", "_ingested_at")),
        (("_offset",), ("_partition", "__offset", "_ingested_at")),
        (("_OFFSET", "__offset"), ("_partition", "___offset", "_ingested_at")),
        (("offset", "partition"), ("_partition", "_offset", "_ingested_at")),
        (("_Partition", "_INGESTED_at"), ("__partition", "_offset", "__ingested_at")),
    ],
)
def test_fields_keep_their_names(names: tuple[str, ...], own: tuple[str, ...]) -> None:
    given = msgspec.convert(schema(*(field(name, "string") for name in names)), StreamSchema)

    found = own_columns(given)

    assert found == own
    assert [(one.name, str(one.type)) for one in own_fields(found)] == list(
        zip(own, ("int32", "int64", "timestamp[us, tz=UTC]"), strict=True)
    )
