"""Transactions of a dataset."""

from typing import Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.datasets.history import History
from sluiceway.datasets.views import Views
from sluiceway.datasets.wire import (
    DATASET,
    TAGS,
    BranchName,
    CreateTransactionRequest,
    PageSize,
    PageToken,
    TransactionReply,
    transaction_reply,
)
from sluiceway.foundation.paging import Page, parse_page
from sluiceway.foundation.rids import DatasetRid, TransactionRid

_TRANSACTIONS: Final = f"{DATASET}/transactions"
_TRANSACTION: Final = f"{_TRANSACTIONS}/{{transaction_rid:str}}"
_WRITES: Final = requires(Operation.DATASETS_WRITE)


@post(_TRANSACTIONS, opt=_WRITES, status_code=200, operation_id="createTransaction", tags=TAGS)
async def create_transaction(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    data: JSONBody[CreateTransactionRequest],
    history: NamedDependency[History],
    views: NamedDependency[Views],
    branch_name: BranchName = None,
) -> TransactionReply:
    """Open a transaction on a branch; a branch has one open at a time."""
    branch = views.branch_of(branch_name)
    made = await history.create(caller, dataset_rid, branch, data.transaction_type)
    return transaction_reply(made)


@get(
    _TRANSACTIONS,
    opt=requires(Operation.DATASETS_READ, preview=True),
    operation_id="listTransactions",
    tags=TAGS,
)
async def list_transactions(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    history: NamedDependency[History],
    page_size: PageSize = None,
    page_token: PageToken = None,
) -> Page[TransactionReply]:
    """List all transactions of a dataset, aborted ones included, the latest first."""
    page = await history.list_all(caller, dataset_rid, parse_page(page_size, page_token))
    return Page(
        data=[transaction_reply(one) for one in page.data], next_page_token=page.next_page_token
    )


@get(
    _TRANSACTION,
    opt=requires(Operation.DATASETS_READ),
    operation_id="getTransaction",
    tags=TAGS,
)
async def get_transaction(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    transaction_rid: FromPath[TransactionRid],
    history: NamedDependency[History],
) -> TransactionReply:
    """Get a transaction."""
    return transaction_reply(await history.get(caller, dataset_rid, transaction_rid))


@post(
    f"{_TRANSACTION}/commit",
    opt=_WRITES,
    status_code=200,
    operation_id="commitTransaction",
    tags=TAGS,
)
async def commit_transaction(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    transaction_rid: FromPath[TransactionRid],
    history: NamedDependency[History],
) -> TransactionReply:
    """Commit an open transaction: its branch is what it made of it."""
    return transaction_reply(await history.commit(caller, dataset_rid, transaction_rid))


@post(
    f"{_TRANSACTION}/abort",
    opt=_WRITES,
    status_code=200,
    operation_id="abortTransaction",
    tags=TAGS,
)
async def abort_transaction(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    transaction_rid: FromPath[TransactionRid],
    history: NamedDependency[History],
) -> TransactionReply:
    """Abort an open transaction: its files are removed, its branch stays as it was."""
    return transaction_reply(await history.abort(caller, dataset_rid, transaction_rid))


HANDLERS: Final = (
    create_transaction,
    list_transactions,
    get_transaction,
    commit_transaction,
    abort_transaction,
)
