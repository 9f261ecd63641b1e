"""Whether a canonical line is one of a schema, and if not, why."""

import re
from typing import Final, NamedTuple

import msgspec

from sluiceway.schema.layout import lay_out
from sluiceway.schema.types import StreamSchema

_PLACE: Final = re.compile(r"^(.*) - at `\$\.?(.*)`$", re.DOTALL)
"""How msgspec says what is wrong, and where."""


class LineMisfit(NamedTuple):
    """Why a line is none of a schema."""

    reason: str
    field: str
    """Which field, as ``address.lines[...]``; empty for the record itself."""


def misfit_of(error: ValueError) -> LineMisfit:
    """Tell what a decoder of lines found."""
    place = _PLACE.match(str(error))
    return LineMisfit(str(error), "") if place is None else LineMisfit(*place.groups())


class LineCheck:
    """Holds canonical lines against one schema; a nullable field that a line lacks is null."""

    def __init__(self, schema: StreamSchema) -> None:
        """Check lines against *schema*, which obeys ``rules.check_schema``."""
        self._decode = msgspec.json.Decoder(lay_out(schema.fields).strict).decode

    def misfit(self, line: bytes) -> LineMisfit | None:
        """Give why *line* does not fit; ``None`` when it does."""
        try:
            self._decode(line)
        except RecursionError:
            return LineMisfit("it is nested too deep", "")
        except ValueError as error:
            return misfit_of(error)
        return None
