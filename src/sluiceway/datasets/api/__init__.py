"""``/api/v2/datasets``: paths, bodies and preview flags are those of ``foundry_sdk/v2/datasets``."""

from typing import Final

from sluiceway.datasets.api import branches, datasets, files, table, transactions

HANDLERS: Final = (
    *datasets.HANDLERS,
    *branches.HANDLERS,
    *transactions.HANDLERS,
    *files.HANDLERS,
    *table.HANDLERS,
)
