"""Queries in SQL: asked, computed, watched, read and ended."""

import asyncio
import contextlib
import logging
import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import msgspec

from sluiceway.access.caller import Caller
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.queries.engine import QueryEngine, QueryRun, Relation, RelationSource
from sluiceway.queries.errors import (
    QueryCanceledError,
    QueryFailedError,
    QueryParseError,
    QueryPermissionDeniedError,
    QueryRunningError,
)
from sluiceway.queries.naming import Naming
from sluiceway.queries.registry import Query, QueryRegistry
from sluiceway.queries.results import ResultFile, new_result
from sluiceway.queries.settings import QuerySettings
from sluiceway.queries.types import (
    CanceledQueryStatus,
    DownloadFormat,
    ExecuteSqlQueryRequest,
    FailedQueryStatus,
    NamedStream,
    QueryDetails,
    QueryLimits,
    QueryStatus,
    RunningQueryStatus,
    SerializationFormat,
    SqlQueryId,
    SucceededQueryStatus,
    TableName,
)

_log: Final = logging.getLogger("sluiceway.queries")
_WAIT_SECONDS: Final = 55
"""How long a call waits for a query to end: Foundry's calls give up after a minute."""
_OPENINGS_MAX: Final = 5
"""How often a stream's files are asked for when one of them is gone."""


class Written(msgspec.Struct, frozen=True):
    """A result in its file."""

    file: ResultFile
    size: int


@dataclass(frozen=True, slots=True)
class QueryService:
    """Runs queries for callers; what it finds is theirs alone."""

    naming: Naming
    relations: RelationSource
    engine: QueryEngine
    registry: QueryRegistry
    settings: QuerySettings
    clock: Clock
    folder: Path
    """Where results are written."""

    async def execute(self, caller: Caller, request: ExecuteSqlQueryRequest) -> QueryStatus:
        """Begin a query; returns once it is clear what it reads, and that the caller may.

        Raises:
            InvalidArgumentError: The text is longer than it may be.
            TooManyQueriesError: As many run as may.
            QueryParseError: It is no single SELECT over streams that the caller sees.
            ReadQueryInputsPermissionDeniedError: The caller may not read one of them.
            QueryFailedError: It failed before that was clear.
        """
        size = len(request.query.encode())
        if size > self.settings.query_bytes_max:
            reason = f"a query has at most {self.settings.query_bytes_max} bytes"
            raise InvalidArgumentError(reason, found=size)
        self.registry.take(caller.principal_id)
        query_id = SqlQueryId(str(uuid.uuid4()))
        query = Query(
            query_id=query_id,
            principal_id=caller.principal_id,
            written_as=request.serialization_format or SerializationFormat.ARROW,
            status=RunningQueryStatus(query_id),
            started_ms=self.clock.now_ms(),
        )
        is_known = asyncio.get_running_loop().create_future()
        self.registry.add(query)
        query.task = asyncio.create_task(self._run(query, caller, request, is_known))
        try:
            await is_known
        except SluicewayError:
            self.registry.forget(query)
            raise
        return query.status

    def status(self, caller: Caller, query_id: str) -> QueryStatus:
        """Say how a query of the caller's is.

        Raises:
            QueryPermissionDeniedError: The caller asked no such query, or it is forgotten.
        """
        return self._find(caller, query_id).status

    async def result(self, caller: Caller, query_id: str) -> Written:
        """Give the result of a query, as long as it was asked to be written; may wait for it.

        Raises:
            QueryPermissionDeniedError: The caller asked no such query, or it is forgotten.
            QueryRunningError: It runs for longer than a call waits.
            QueryCanceledError: It was ended.
            QueryFailedError: It has none.
            ReadQueryInputsPermissionDeniedError: The caller may not read its streams any more.
        """
        query = await self._ended(caller, query_id)
        assert query.result is not None
        assert query.outcome is not None
        return Written(query.result, query.outcome.result_bytes)

    async def details(self, caller: Caller, query_id: str) -> QueryDetails:
        """Give the first rows of a result for a page; raises as ``result`` does.

        Raises:
            InvalidArgumentError: The result was not written as Arrow.
        """
        query = await self._ended(caller, query_id)
        _check_arrow(query)
        assert query.result is not None
        assert query.outcome is not None
        assert query.ended_ms is not None
        page = await query.result.read(query.outcome.result_bytes, query.outcome.page_bytes)
        return QueryDetails(
            query_id=query.query_id,
            rows_count=query.outcome.rows,
            result_bytes=query.outcome.result_bytes,
            seconds=(query.ended_ms - query.started_ms) / 1_000,
            inputs=list(query.inputs),
            result=msgspec.Raw(page),
        )

    async def download(self, caller: Caller, query_id: str, written_as: DownloadFormat) -> Written:
        """Give the result of a query in another format; raises as ``details`` does.

        Raises:
            TooManyQueriesError: As many queries run as may; this is another one.
            ColumnTypesNotSupportedError: The result cannot be written that way.
        """
        query = await self._ended(caller, query_id)
        _check_arrow(query)
        assert query.result is not None
        self.registry.take(caller.principal_id)
        try:
            result = self._new_result()
            async with self._in_time():
                run = await self.engine.convert(
                    query.result.descriptor, written_as, self._limits(), result.descriptor
                )
                try:
                    outcome = await run.finish()
                finally:
                    await asyncio.shield(run.stop())
            return Written(result, outcome.result_bytes)
        finally:
            self.registry.give_back(caller.principal_id)

    async def cancel(self, caller: Caller, query_id: str) -> None:
        """End a query if it still runs.

        Raises:
            QueryPermissionDeniedError: The caller asked no such query, or it is forgotten.
        """
        await _stop(self._find(caller, query_id))

    async def close(self) -> None:
        """End all that runs."""
        for query in self.registry.all():
            await _stop(query)
            self.registry.forget(query)

    def _find(self, caller: Caller, query_id: str) -> Query:
        query = self.registry.find(query_id, caller.principal_id)
        if query is None:
            raise QueryPermissionDeniedError(query_id)
        return query

    async def _ended(self, caller: Caller, query_id: str) -> Query:
        query = self._find(caller, query_id)
        if query.task is not None:
            await asyncio.wait([query.task], timeout=_WAIT_SECONDS)
        match query.status:
            case RunningQueryStatus():
                raise QueryRunningError(query.query_id)
            case CanceledQueryStatus():
                raise QueryCanceledError(query.query_id)
            case FailedQueryStatus():
                assert query.error is not None
                raise query.error
        await self.naming.check(caller, query.inputs)
        return query

    async def _run(
        self,
        query: Query,
        caller: Caller,
        request: ExecuteSqlQueryRequest,
        is_known: asyncio.Future[None],
    ) -> None:
        """Compute a query; whatever becomes of it stands in its status in the end."""
        try:
            query.status = await self._compute(query, caller, request, is_known)
        except asyncio.CancelledError:
            query.status = CanceledQueryStatus()
            _settle(is_known, QueryCanceledError(query.query_id))
        except SluicewayError as error:
            query.error = error
        except Exception:  # noqa: BLE001 - whoever asked is told, and the log has why
            _log.exception("a query failed, and not by its own fault")
            query.error = QueryFailedError("the server could not compute this; see its log")
        finally:
            if query.error is not None:
                query.status = FailedQueryStatus(query.error.message)
                _settle(is_known, query.error)
            query.ended_ms = self.clock.now_ms()
            query.task = None
            if query.outcome is None:
                query.result = None
            self.registry.give_back(query.principal_id)

    async def _compute(
        self,
        query: Query,
        caller: Caller,
        request: ExecuteSqlQueryRequest,
        is_known: asyncio.Future[None],
    ) -> QueryStatus:
        query.result = self._new_result()
        async with self._in_time():
            run = await self.engine.start(
                request.query, query.written_as, self._limits(), query.result.descriptor
            )
            try:
                tables = await run.tables()
                streams = await self._streams(caller, tables, request.fallback_branch_ids or ())
                query.inputs = list(dict.fromkeys(one.view.dataset_rid for one in streams))
                _settle(is_known)
                await self._feed(run, tables, streams)
                query.outcome = await run.finish()
            finally:
                await asyncio.shield(run.stop())
        return SucceededQueryStatus(query.query_id)

    async def _streams(
        self, caller: Caller, tables: Sequence[TableName], fallback_branches: Sequence[str]
    ) -> list[NamedStream]:
        if len(tables) > self.settings.tables_max:
            raise QueryParseError(
                f"the query names {len(tables)} streams, more than {self.settings.tables_max}"
            )
        return [await self.naming.find(caller, table, fallback_branches) for table in tables]

    async def _feed(
        self, run: QueryRun, tables: Sequence[TableName], streams: Sequence[NamedStream]
    ) -> None:
        """Give the query its streams as they are now, all of them before any is read."""
        relations = list[Relation]()
        for number, (table, stream) in enumerate(zip(tables, streams, strict=True)):
            files_left = self.settings.files_max - sum(
                len(one.files) + len(one.state) for one in relations
            )
            relations.append(await self._open(run, number, table, stream, files_left))
        left = self.settings.input_bytes_max
        for number, relation in enumerate(relations):
            async for piece in relation.pieces():
                left -= len(piece.lines)
                if left < 0:
                    raise QueryFailedError(
                        f"the streams have more than {self.settings.input_bytes_max} bytes of"
                        " records, the most for one query"
                    )
                await run.feed(number, piece)

    async def _open(
        self, run: QueryRun, number: int, table: TableName, stream: NamedStream, files_left: int
    ) -> Relation:
        """Fix what the query reads of one stream, and hand over the files that have most of it.

        Others may have taken the place of files before they are opened; then it is asked anew.
        """
        for _ in range(_OPENINGS_MAX):
            relation = await self.relations.open(stream)
            if len(relation.files) + len(relation.state) > files_left:
                raise QueryFailedError(
                    f"the streams have more than {self.settings.files_max} files in the archive,"
                    " the most for one query"
                )
            await run.declare(number, table, stream.view.schema, relation.known)
            try:
                await run.attach(number, relation.files)
                await run.attach(number, relation.state, is_state=True)
            except FileNotFoundError:
                continue
            return relation
        raise QueryFailedError("files of the archive were gone each time that they were opened")

    def _new_result(self) -> ResultFile:
        try:
            return new_result(self.folder)
        except OSError as error:
            _log.error("no file for a result: %s", error)
            raise QueryFailedError("the server has no room for a result") from error

    def _limits(self) -> QueryLimits:
        settings = self.settings
        return QueryLimits(
            settings.seconds_max,
            settings.memory_bytes_max,
            settings.rows_max,
            settings.result_bytes_max,
            settings.files_max,
        )

    @contextlib.asynccontextmanager
    async def _in_time(self) -> AsyncIterator[None]:
        seconds = self.settings.seconds_max
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError:
            raise QueryFailedError(f"it took longer than {seconds} seconds") from None


def _check_arrow(query: Query) -> None:
    if query.written_as is not SerializationFormat.ARROW:
        raise InvalidArgumentError("only a result that is written as ARROW can be read like this")


def _settle(future: asyncio.Future[None], error: SluicewayError | None = None) -> None:
    if future.done():
        return
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)


async def _stop(query: Query) -> None:
    if query.task is not None:
        query.task.cancel()
        await asyncio.wait([query.task])
