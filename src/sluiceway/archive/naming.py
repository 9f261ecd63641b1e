"""What the table of a view is called: readable, and no other's."""

import re
import unicodedata
from typing import Final

from sluiceway.archive.types import TableName
from sluiceway.streams.types import View

_PART_LENGTH_MAX: Final = 40
_NO_NAME: Final = re.compile(r"[^a-z0-9]+")
_VIEW_CHARACTERS: Final = 12


def table_name(namespace: str, display_name: str, view: View) -> TableName:
    """Make the name of a view's table from the dataset's name, the branch and the view.

    Lower-case letters of ASCII, digits and underscores: no engine has to quote it. The end comes
    from the view's identifier, so that streams of one name, and the views of one stream, differ.
    A later change of the dataset's name does not change it.
    """
    locator = _NO_NAME.sub("", view.view_rid.rpartition(".")[2].lower())[:_VIEW_CHARACTERS]
    return TableName(namespace, f"{_part(display_name)}_{_part(view.branch_name)}_{locator}")


def _part(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    part = _NO_NAME.sub("_", plain).strip("_")[:_PART_LENGTH_MAX].strip("_")
    if not part:
        return "stream"
    return part if part[0].isalpha() else f"s_{part}"
