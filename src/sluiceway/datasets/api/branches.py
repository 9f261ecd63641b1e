"""Branches of a dataset."""

from typing import Final

from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.datasets.history import History
from sluiceway.datasets.service import DatasetService
from sluiceway.datasets.wire import (
    DATASET,
    TAGS,
    BranchReply,
    CreateBranchRequest,
    PageSize,
    PageToken,
    TransactionReply,
    branch_reply,
    transaction_reply,
)
from sluiceway.foundation.paging import Page, parse_page
from sluiceway.foundation.rids import DatasetRid

_BRANCHES: Final = f"{DATASET}/branches"
_BRANCH: Final = f"{_BRANCHES}/{{branch_name:str}}"
_READS: Final = requires(Operation.DATASETS_READ)
_WRITES: Final = requires(Operation.DATASETS_WRITE)


@post(_BRANCHES, opt=_WRITES, status_code=200, operation_id="createBranch", tags=TAGS)
async def create_branch(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    data: JSONBody[CreateBranchRequest],
    datasets: NamedDependency[DatasetService],
) -> BranchReply:
    """Create a branch: an empty one, or one that goes on from a committed transaction."""
    made = await datasets.create_branch(caller, dataset_rid, data.name, data.transaction_rid)
    return branch_reply(made)


@get(_BRANCHES, opt=_READS, operation_id="listBranches", tags=TAGS)
async def list_branches(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    datasets: NamedDependency[DatasetService],
    page_size: PageSize = None,
    page_token: PageToken = None,
) -> Page[BranchReply]:
    """List the branches of a dataset by name."""
    page = await datasets.list_branches(caller, dataset_rid, parse_page(page_size, page_token))
    return Page(data=[branch_reply(one) for one in page.data], next_page_token=page.next_page_token)


@get(_BRANCH, opt=_READS, operation_id="getBranch", tags=TAGS)
async def get_branch(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    datasets: NamedDependency[DatasetService],
) -> BranchReply:
    """Get a branch, with its most recent open or committed transaction."""
    return branch_reply(await datasets.branch(caller, dataset_rid, branch_name))


@delete(_BRANCH, opt=_WRITES, status_code=204, operation_id="deleteBranch", tags=TAGS)
async def delete_branch(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    datasets: NamedDependency[DatasetService],
) -> None:
    """Delete a branch, and abort what is open on it; what was committed can still be read."""
    await datasets.delete_branch(caller, dataset_rid, branch_name)


@get(
    f"{_BRANCH}/transactions",
    opt=requires(Operation.DATASETS_READ, preview=True),
    operation_id="listBranchTransactions",
    tags=TAGS,
)
async def list_branch_transactions(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    branch_name: FromPath[str],
    history: NamedDependency[History],
    page_size: PageSize = None,
    page_token: PageToken = None,
) -> Page[TransactionReply]:
    """List the transactions that made a branch what it is, the latest first."""
    page = await history.list_of_branch(
        caller, dataset_rid, branch_name, parse_page(page_size, page_token)
    )
    return Page(
        data=[transaction_reply(one) for one in page.data], next_page_token=page.next_page_token
    )


HANDLERS: Final = (
    create_branch,
    list_branches,
    get_branch,
    delete_branch,
    list_branch_transactions,
)
