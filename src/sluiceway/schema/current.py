"""Which of the records of a key is its current one, for streams with change data capture."""

import msgspec

from sluiceway.schema.own_columns import own_columns
from sluiceway.schema.types import StreamSchema


class CurrentRule(msgspec.Struct, frozen=True, kw_only=True):
    """The columns by which the current record of each key is found; see decision 34."""

    keys: tuple[str, ...]
    """The key fields, at least one; null is a value of them as any other."""
    ordering: str
    """The highest value is the newest; null is older than every value."""
    deletion: str
    """``true`` says that the key is gone."""
    partition: str
    """Our column with the partition; records of one key are in one."""
    offset: str
    """That with the offset: of equal ordering values the last one counts."""

    @property
    def columns(self) -> list[str]:
        """The columns that finding takes, each once."""
        names = (*self.keys, self.ordering, self.deletion, self.partition, self.offset)
        return list(dict.fromkeys(names))


def current_rule(schema: StreamSchema) -> CurrentRule | None:
    """Give the rule of a stream; ``None`` when it has no change data capture."""
    capture = schema.change_data_capture
    if capture is None:
        return None
    own = own_columns(schema)
    return CurrentRule(
        keys=tuple(schema.key_field_names or ()),
        ordering=capture.ordering_field_name,
        deletion=capture.deletion_field_name,
        partition=own.partition,
        offset=own.offset,
    )
