"""How lines are said not to be of a schema, or columns not to be its."""


class ColumnsError(ValueError):
    """Lines that are not of the schema, or columns that are not laid out as it says."""

    def __init__(self, reason: str, *, record: int | None = None, field: str = "") -> None:
        """Say why; *record* counts from 0, *field* is a path as ``address.lines[]``."""
        places = [] if record is None else [f"record {record}"]
        if field:
            places.append(f"field {field}")
        super().__init__(": ".join([", ".join(places), reason] if places else [reason]))
        self.reason = reason
        self.record = record
        """Which record, from 0; ``None`` where a column as a whole is wrong."""
        self.field = field
        """Which field; empty for the record itself."""


class ColumnsTooLargeError(ColumnsError):
    """Lines that would take too much memory as columns."""
