"""Why a single value is refused, while its place in the record is not known yet."""

from sluiceway.schema.errors import Reason


class ValueRefusedError(ValueError):
    """A value that has the right JSON type and is still not one of the field's type."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason
