"""Resource identifiers: ``ri.<service>.<instance>.<type>.<locator>``.

The pattern is the one that Palantir's Python SDK checks on everything it sends and receives
(``foundry_sdk/_core/utils.py``).
"""

import re
import uuid
from typing import Final, NewType

Rid = NewType("Rid", str)
DatasetRid = NewType("DatasetRid", Rid)
ViewRid = NewType("ViewRid", Rid)
TransactionRid = NewType("TransactionRid", Rid)

RID_PATTERN: Final = (
    r"^ri\.[a-z][a-z0-9-]*\.([a-z0-9][a-z0-9\-]*)?\.[a-z][a-z0-9-]*\.[a-zA-Z0-9._-]+$"
)
_RID: Final = re.compile(RID_PATTERN)
RID_LENGTH_MAX: Final = 255
"""Longest identifier that is looked at; every one that we make is under 100 characters."""


def is_rid(text: str) -> bool:
    """Tell whether *text* has the form of a resource identifier."""
    return len(text) <= RID_LENGTH_MAX and _RID.fullmatch(text) is not None


def is_uuid(text: str) -> bool:
    """Tell whether *text* is a UUID in its canonical form."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


def _new(prefix: str) -> str:
    return f"{prefix}.{uuid.uuid4()}"


def new_dataset_rid() -> DatasetRid:
    """Make the identifier of a new dataset."""
    return DatasetRid(Rid(_new("ri.foundry.main.dataset")))


def new_transaction_rid() -> TransactionRid:
    """Make the identifier of a new transaction of a dataset."""
    return transaction_rid(str(uuid.uuid4()))


def transaction_rid(locator: str) -> TransactionRid:
    """Give the identifier of the transaction whose last part is *locator*."""
    return TransactionRid(Rid(f"ri.foundry.main.transaction.{locator}"))


def new_view_rid() -> ViewRid:
    """Make the identifier of a new stream view."""
    return ViewRid(Rid(_new("ri.foundry-streaming.main.view")))


def dead_letters_rid(dataset_rid: DatasetRid, branch_name: str) -> ViewRid:
    """Give the identifier under which the record log keeps the dead letters of a stream.

    It stays the same when the stream is reset, and is that of no view.
    """
    locator = uuid.uuid5(uuid.NAMESPACE_URL, f"{dataset_rid}/{branch_name}")
    return ViewRid(Rid(f"ri.foundry-streaming.main.dead-letters.{locator}"))


def new_folder_rid() -> Rid:
    """Make the identifier of a new folder or space."""
    return Rid(_new("ri.compass.main.folder"))
