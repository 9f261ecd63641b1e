"""Names of data files: they sort by time, and tell the last commit whose records a file has."""

import re
import uuid
from collections.abc import Sequence
from typing import Final

from pyiceberg.manifest import DataFile

from sluiceway.archive.types import CommitStart, FileMark
from sluiceway.foundation.rids import transaction_rid

_NAME: Final = re.compile(
    r"(\d{13,16})-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:-[0-9a-f]{32})?\.parquet"
)


def commit_file(start: CommitStart) -> str:
    """Name the file of a commit."""
    return f"{start.started_ms:013d}-{start.transaction.rpartition('.')[2]}.parquet"


def further_file(start: CommitStart) -> str:
    """Name one more file of a commit."""
    return commit_file(start).replace(".parquet", f"-{uuid.uuid4().hex}.parquet")


def merged_file(files: Sequence[DataFile]) -> str:
    """Name the file that takes the place of *files*: after the last commit in them."""
    marks = [mark for file in files if (mark := mark_of(file.file_path)) is not None]
    if not marks:
        return other_file()
    started_ms, transaction = max(marks)
    unique = uuid.uuid4().hex
    return f"{started_ms:013d}-{transaction.rpartition('.')[2]}-{unique}.parquet"


def other_file() -> str:
    """Name a file that is of no commit."""
    return f"{uuid.uuid4()}.parquet"


def mark_of(location: str) -> FileMark | None:
    """Give the last commit whose records a file has; ``None`` for one that others have written."""
    found = _NAME.fullmatch(location.rpartition("/")[2])
    return None if found is None else FileMark(int(found[1]), transaction_rid(found[2]))


def path_of(location: str, table_location: str) -> str:
    """Give the path of a file in the folder of its table; of one elsewhere only its name."""
    folder = f"{table_location.rstrip('/')}/"
    if location.startswith(folder):
        return location.removeprefix(folder)
    return location.rpartition("/")[2]
