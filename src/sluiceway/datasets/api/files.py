"""Files of a dataset. A path is one part of the URL, with ``/`` in it written as ``%2F``."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any, Final

from litestar import Request, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi import ResponseSpec
from litestar.openapi.spec import (
    OpenAPIMediaType,
    OpenAPIType,
    Reference,
    RequestBody,
    Schema,
)
from litestar.openapi.spec import Operation as OpenAPIOperation
from litestar.params import FromPath, QueryParameter

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.datasets.api.sending import OCTETS, Octets
from sluiceway.datasets.files import FileService, Target
from sluiceway.datasets.types import TransactionType
from sluiceway.datasets.wire import (
    DATASET,
    TAGS,
    BranchName,
    EndTransaction,
    FileReply,
    PageSize,
    PageToken,
    StartTransaction,
    file_reply,
    selection_of,
    transaction_of,
)
from sluiceway.foundation.paging import Page, parse_page
from sluiceway.foundation.request_errors import (
    RequestEntityTooLargeError,
    UnsupportedMediaTypeError,
)
from sluiceway.foundation.rids import DatasetRid

_FILES: Final = f"{DATASET}/files"
_FILE: Final = f"{_FILES}/{{file_path:str}}"
_READS: Final = requires(Operation.DATASETS_READ)
_WRITES: Final = requires(Operation.DATASETS_WRITE)
_CONTENT: Final = Schema(type=OpenAPIType.STRING, content_media_type=OCTETS)

_TransactionRid = Annotated[
    str | None,
    QueryParameter(name="transactionRid", description="An open transaction to make the change in."),
]


@dataclass
class _UploadOperation(OpenAPIOperation):
    """What the OpenAPI document says of an upload, whose body the handler reads by itself."""

    def __post_init__(self) -> None:
        content = {OCTETS: OpenAPIMediaType(schema=_CONTENT)}
        self.request_body: RequestBody | Reference | None = RequestBody(content, required=True)


@get(_FILES, opt=_READS, operation_id="listFiles", tags=TAGS)
async def list_files(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    files: NamedDependency[FileService],
    branch_name: BranchName = None,
    start_transaction_rid: StartTransaction = None,
    end_transaction_rid: EndTransaction = None,
    path_prefix: Annotated[
        str, QueryParameter(name="pathPrefix", description="Only paths that begin so.")
    ] = "",
    page_size: PageSize = None,
    page_token: PageToken = None,
) -> Page[FileReply]:
    """List the files of a dataset by path: of a branch, or of some of its transactions."""
    page = await files.list(
        caller,
        dataset_rid,
        selection_of(branch_name, start_transaction_rid, end_transaction_rid),
        prefix=path_prefix,
        page=parse_page(page_size, page_token),
    )
    return Page(data=[file_reply(one) for one in page.data], next_page_token=page.next_page_token)


@get(_FILE, opt=_READS, operation_id="getFile", tags=TAGS)
async def get_file(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    file_path: FromPath[str],
    files: NamedDependency[FileService],
    branch_name: BranchName = None,
    start_transaction_rid: StartTransaction = None,
    end_transaction_rid: EndTransaction = None,
) -> FileReply:
    """Get a file: its size, when it came, and with which transaction."""
    selection = selection_of(branch_name, start_transaction_rid, end_transaction_rid)
    return file_reply(await files.get(caller, dataset_rid, file_path, selection))


@get(
    f"{_FILE}/content",
    opt=_READS,
    operation_id="getFileContent",
    tags=TAGS,
    media_type=OCTETS,
    responses={
        200: ResponseSpec(
            bytes, description="The file.", media_type=OCTETS, generate_examples=False
        )
    },
)
async def get_file_content(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    file_path: FromPath[str],
    files: NamedDependency[FileService],
    branch_name: BranchName = None,
    start_transaction_rid: StartTransaction = None,
    end_transaction_rid: EndTransaction = None,
) -> Octets:
    """Give the content of a file."""
    selection = selection_of(branch_name, start_transaction_rid, end_transaction_rid)
    file, pieces = await files.content(caller, dataset_rid, file_path, selection)
    return Octets(pieces, size=file.size_bytes)


@post(
    f"{_FILE}/upload",
    opt=_WRITES,
    status_code=200,
    operation_id="uploadFile",
    operation_class=_UploadOperation,
    tags=TAGS,
    request_max_body_size=None,
)
async def upload_file(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    file_path: FromPath[str],
    files: NamedDependency[FileService],
    branch_name: BranchName = None,
    transaction_rid: _TransactionRid = None,
    transaction_type: Annotated[
        TransactionType | None,
        QueryParameter(
            name="transactionType",
            description="Of the file's own transaction; `UPDATE` if left out.",
        ),
    ] = None,
) -> FileReply:
    """Keep the body as a file, in an open transaction or in one of its own, which is committed."""
    target = Target(
        branch_name=branch_name,
        transaction_rid=transaction_of(transaction_rid),
        transaction_type=transaction_type,
    )
    pieces = _body(request, files.settings.file_bytes_max)
    return file_reply(await files.upload(caller, dataset_rid, file_path, target, pieces))


@delete(_FILE, opt=_WRITES, status_code=204, operation_id="deleteFile", tags=TAGS)
async def delete_file(
    caller: NamedDependency[Caller],
    dataset_rid: FromPath[DatasetRid],
    file_path: FromPath[str],
    files: NamedDependency[FileService],
    branch_name: BranchName = None,
    transaction_rid: _TransactionRid = None,
) -> None:
    """Take a file out of the view, in an open transaction or one of its own; history keeps it."""
    target = Target(
        branch_name=branch_name,
        transaction_rid=transaction_of(transaction_rid),
        # One of its own is a DELETE; to name the type of an open one makes no sense.
        transaction_type=TransactionType.DELETE if transaction_rid is None else None,
    )
    await files.delete(caller, dataset_rid, file_path, target)


def _body(request: Request[Any, Any, Any], bytes_max: int) -> AsyncIterator[bytes]:
    """Give the body as it comes.

    Raises:
        UnsupportedMediaTypeError: It is declared as anything but bytes.
        RequestEntityTooLargeError: It is declared larger than a file may be.
    """
    found = request.headers.get("content-type", OCTETS)
    if found.partition(";")[0].strip().lower() != OCTETS:
        raise UnsupportedMediaTypeError(found, OCTETS)
    declared = request.headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > bytes_max:
        raise RequestEntityTooLargeError(bytes_max)
    return request.stream()


HANDLERS: Final = (list_files, get_file, get_file_content, upload_file, delete_file)
