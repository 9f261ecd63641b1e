"""What may be wrong with a query. Names: ``foundry_sdk/v2/sql_queries/errors.py``."""

from collections.abc import Mapping, Sequence

from sluiceway.foundation.errors import ErrorCode, SluicewayError
from sluiceway.foundation.rids import DatasetRid
from sluiceway.queries.types import SqlQueryId


class QueryParseError(SluicewayError):
    """The query is no single SELECT over streams that the caller sees."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "QueryParseError"

    def __init__(self, reason: str, position: int | None = None) -> None:
        where = {} if position is None else {"position": position}
        super().__init__(reason, errorMessage=reason, **where)


class QueryFailedError(SluicewayError):
    """The query ended without a result."""

    code = ErrorCode.INTERNAL
    name = "QueryFailed"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, errorMessage=reason)


class QueryCanceledError(SluicewayError):
    """The query was ended by who asked it."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "QueryCanceled"

    def __init__(self, query_id: SqlQueryId) -> None:
        super().__init__(f"query {query_id} was canceled", queryId=query_id)


class QueryRunningError(SluicewayError):
    """The query still runs; ask for its result again."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "QueryRunning"

    def __init__(self, query_id: SqlQueryId) -> None:
        super().__init__(f"query {query_id} still runs; ask again", queryId=query_id)


class QueryPermissionDeniedError(SluicewayError):
    """The caller asked no such query, or it is not kept any more."""

    code = ErrorCode.PERMISSION_DENIED
    name = "QueryPermissionDenied"

    def __init__(self, query_id: str) -> None:
        shown = query_id[:100]
        super().__init__(
            f"you asked no query {shown!r}, or its result is not kept any more", queryId=shown
        )


class ReadQueryInputsPermissionDeniedError(SluicewayError):
    """The caller sees a stream of the query but may not read it."""

    code = ErrorCode.PERMISSION_DENIED
    name = "ReadQueryInputsPermissionDenied"

    def __init__(self, rids: Sequence[DatasetRid]) -> None:
        super().__init__(f"you need the role Viewer to read {', '.join(rids)}", rids=list(rids))


class ColumnTypesNotSupportedError(SluicewayError):
    """A column of the result cannot be written in the format asked for."""

    code = ErrorCode.INVALID_ARGUMENT
    name = "ColumnTypesNotSupported"

    def __init__(self, reason: str) -> None:
        super().__init__(reason, errorMessage=reason)


class TooManyQueriesError(SluicewayError):
    """As many queries run as may at once, of the caller or in all."""

    code = ErrorCode.CUSTOM_CLIENT
    name = "TooManyQueries"
    status = 429
    retryable = True
    headers: Mapping[str, str] = {"Retry-After": "1"}

    def __init__(self, whose: str, running_max: int) -> None:
        super().__init__(
            f"{whose} {running_max} queries run, the most at once; try again",
            runningMax=running_max,
        )
