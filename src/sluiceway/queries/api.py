"""``/api/v2/sqlQueries``: Foundry's calls, and what the page asks besides.

Paths, bodies and scopes are those of ``foundry_sdk/v2/sql_queries/sql_query.py``.
"""

from typing import Annotated, Final

from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from litestar.response import Stream

from sluiceway.access.caller import Caller
from sluiceway.access.guard import requires
from sluiceway.access.scopes import Operation
from sluiceway.queries.listing import TableListing
from sluiceway.queries.service import QueryService, Written
from sluiceway.queries.types import (
    DownloadFormat,
    ExecuteSqlQueryRequest,
    QueryDetails,
    QueryStatus,
    QueryTables,
)

_QUERY: Final = "/api/v2/sqlQueries/{sql_query_id:str}"
_OWN: Final = "/api/v1/sqlQueries/{sql_query_id:str}"
_EXECUTES: Final = requires(Operation.SQL_QUERIES_EXECUTE)
_READS: Final = requires(Operation.SQL_QUERIES_READ)
_TAGS: Final = ["SQL queries"]
_BYTES: Final = "application/octet-stream"
_MEDIA_TYPES: Final = {
    DownloadFormat.CSV: "text/csv; charset=utf-8",
    DownloadFormat.PARQUET: "application/vnd.apache.parquet",
}


@post(
    "/api/v2/sqlQueries/execute",
    opt=_EXECUTES,
    status_code=200,
    operation_id="executeSqlQuery",
    tags=_TAGS,
)
async def execute(
    caller: NamedDependency[Caller],
    data: JSONBody[ExecuteSqlQueryRequest],
    queries: NamedDependency[QueryService],
) -> QueryStatus:
    """Begin a query: one SELECT, over streams named by path or RID in quotes."""
    return await queries.execute(caller, data)


@get(f"{_QUERY}/getStatus", opt=_READS, operation_id="getSqlQueryStatus", tags=_TAGS)
async def get_status(
    caller: NamedDependency[Caller],
    sql_query_id: FromPath[str],
    queries: NamedDependency[QueryService],
) -> QueryStatus:
    """Say whether a query runs, succeeded, failed or was canceled."""
    return queries.status(caller, sql_query_id)


@get(
    f"{_QUERY}/getResults",
    opt=_READS,
    media_type=_BYTES,
    operation_id="getSqlQueryResults",
    tags=_TAGS,
)
async def get_results(
    caller: NamedDependency[Caller],
    sql_query_id: FromPath[str],
    queries: NamedDependency[QueryService],
) -> Stream:
    """Give the result as an Arrow IPC stream, or as CSV; waits up to a minute for it."""
    return _answer(await queries.result(caller, sql_query_id), _BYTES)


@post(
    f"{_QUERY}/cancel",
    opt=_EXECUTES,
    status_code=204,
    operation_id="cancelSqlQuery",
    tags=_TAGS,
)
async def cancel(
    caller: NamedDependency[Caller],
    sql_query_id: FromPath[str],
    queries: NamedDependency[QueryService],
) -> None:
    """End a query; without effect on one that has ended."""
    await queries.cancel(caller, sql_query_id)


@get("/api/v1/sqlTables", opt=_READS, operation_id="listSqlTables", tags=_TAGS)
async def list_tables(
    caller: NamedDependency[Caller],
    sql_tables: NamedDependency[TableListing],
    text: Annotated[str, QueryParameter(description="Only those with this in their name.")] = "",
) -> QueryTables:
    """List up to 100 streams on the default branch that the caller may query, by path."""
    return await sql_tables.find(caller, text)


@get(_OWN, opt=_READS, operation_id="describeSqlQueryResult", tags=_TAGS)
async def describe_result(
    caller: NamedDependency[Caller],
    sql_query_id: FromPath[str],
    queries: NamedDependency[QueryService],
) -> QueryDetails:
    """Give the columns and the first rows of a result; waits up to a minute for it."""
    return await queries.details(caller, sql_query_id)


@get(
    f"{_OWN}/download",
    opt=_READS,
    media_type=_BYTES,
    operation_id="downloadSqlQueryResult",
    tags=_TAGS,
)
async def download(
    caller: NamedDependency[Caller],
    sql_query_id: FromPath[str],
    queries: NamedDependency[QueryService],
    written_as: Annotated[DownloadFormat, QueryParameter(name="format")],
) -> Stream:
    """Give the whole result as a file."""
    written = await queries.download(caller, sql_query_id, written_as)
    answer = _answer(written, _MEDIA_TYPES[written_as])
    answer.headers["Content-Disposition"] = f'attachment; filename="result.{written_as}"'
    return answer


def _answer(written: Written, media_type: str) -> Stream:
    return Stream(
        written.file.chunks(written.size),
        media_type=media_type,
        headers={"Content-Length": str(written.size)},
    )


HANDLERS: Final = (
    execute,
    get_status,
    get_results,
    cancel,
    list_tables,
    describe_result,
    download,
)
