"""Our own columns of a stream's table as Arrow has them."""

from typing import Final

import pyarrow as pa

from sluiceway.schema.own_columns import OwnColumns

INGESTED_AT: Final = pa.timestamp("us", tz="UTC")


def own_fields(own: OwnColumns) -> list[pa.Field]:
    """Give the three columns in their order; none of them is ever null."""
    kinds = (pa.int32(), pa.int64(), INGESTED_AT)
    return [pa.field(name, kind, nullable=False) for name, kind in zip(own, kinds, strict=True)]
