"""Datasets as tables: their schemas, and their rows."""

import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec

from sluiceway.access.audit.service import AuditTrail
from sluiceway.access.audit.types import actor
from sluiceway.access.caller import Caller
from sluiceway.datasets.errors import (
    DatasetReadNotSupportedError,
    InvalidParameterCombinationError,
)
from sluiceway.datasets.file_errors import FileStoreUnavailableError
from sluiceway.datasets.gate import Gate
from sluiceway.datasets.keeping import Keeping
from sluiceway.datasets.schemas import DataframeReader, DatasetSchema, check_dataset_schema
from sluiceway.datasets.settings import DatasetSettings
from sluiceway.datasets.store import DatasetFileStore, TransactionStore
from sluiceway.datasets.stream_files import StreamFiles
from sluiceway.datasets.table_errors import (
    ColumnTypesNotSupportedError,
    DatasetViewNotFoundError,
    GetDatasetSchemaPermissionDeniedError,
    PutDatasetSchemaPermissionDeniedError,
    ReadTableDatasetPermissionDeniedError,
    ReadTableError,
    ReadTableRowLimitExceededError,
    ReadTableTimeoutError,
    SchemaNotFoundError,
)
from sluiceway.datasets.tables import (
    TableFaultError,
    TableFaultKind,
    TableFile,
    TableJob,
    TableQuery,
    TableReader,
)
from sluiceway.datasets.types import (
    DatasetFile,
    FileView,
    SchemaVersion,
    Selection,
    Transaction,
    ViewSchema,
)
from sluiceway.datasets.views import Selected, Views
from sluiceway.foundation.clock import Clock
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.foundation.rids import DatasetRid
from sluiceway.foundation.transactions import Transactions

_ENDINGS: Final = {".parquet": DataframeReader.PARQUET, ".csv": DataframeReader.CSV}


@dataclass(frozen=True, slots=True)
class TableService:
    """The schemas and rows of datasets."""

    gate: Gate
    views: Views
    history: TransactionStore
    files: DatasetFileStore
    keeping: Keeping
    streams: StreamFiles
    reader: TableReader
    transactions: Transactions
    audit: AuditTrail
    clock: Clock
    settings: DatasetSettings

    async def get_schema(
        self,
        caller: Caller,
        dataset_rid: DatasetRid,
        selection: Selection,
        version_id: str | None,
    ) -> ViewSchema:
        """Give the schema of a view, or a version of it that was put at any time.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset.
            GetDatasetSchemaPermissionDeniedError: It is less than Viewer.
            InvalidParameterCombinationError: A version and a transaction are named.
            DatasetViewNotFoundError: The branch has no transaction yet.
            SchemaNotFoundError: The view has no schema, or the dataset no such version.
            SluicewayError: Whatever ``Views.select`` raises.
        """
        denied = partial(GetDatasetSchemaPermissionDeniedError, dataset_rid)
        if await self.gate.read(caller, dataset_rid, denied):
            return await self.streams.streaming.schema(dataset_rid, selection, version_id)
        if version_id is not None and selection.end_rid is not None:
            raise InvalidParameterCombinationError(
                [["branchName", "endTransactionRid"], ["branchName", "versionId"]],
                ["endTransactionRid", "versionId"],
            )
        selected = await self.views.select(dataset_rid, selection)
        if selected.end is None:
            raise DatasetViewNotFoundError(dataset_rid, selected.branch_name)
        return await self._schema(selected, selected.end, version_id)

    async def find_schema(
        self,
        caller: Caller,
        dataset_rid: DatasetRid,
        selection: Selection,
        version_id: str | None,
    ) -> ViewSchema | None:
        """Give the schema of a view, or ``None`` where ``get_schema`` would say why not.

        Raises:
            SluicewayError: It could not be looked up now.
        """
        try:
            return await self.get_schema(caller, dataset_rid, selection, version_id)
        except SluicewayError as error:
            if error.retryable:
                raise
            return None

    async def put_schema(
        self,
        caller: Caller,
        dataset_rid: DatasetRid,
        selection: Selection,
        schema: DatasetSchema,
        dataframe_reader: DataframeReader,
    ) -> ViewSchema:
        """Give a view a schema; the views of later transactions have it too, until another is put.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset (also the gate's others).
            PutDatasetSchemaPermissionDeniedError: It may not change it.
            InvalidSchemaError: The schema is not possible.
            InvalidFieldSchemaError: One of its columns is not.
            DatasetViewNotFoundError: The branch has no transaction yet.
            SluicewayError: Whatever ``Views.select`` raises.
        """
        denied = partial(PutDatasetSchemaPermissionDeniedError, dataset_rid)
        async with self.transactions.begin():
            await self.gate.write(caller, dataset_rid, denied)
            check_dataset_schema(schema)
            selected = await self.views.select(dataset_rid, selection)
            if selected.end is None:
                raise DatasetViewNotFoundError(dataset_rid, selected.branch_name)
            version = SchemaVersion(
                version_id=str(uuid.uuid4()),
                dataset_rid=dataset_rid,
                schema=schema,
                dataframe_reader=dataframe_reader,
                created_ms=self.clock.now_ms(),
            )
            await self.history.add_schema(version)
            await self.history.update(
                msgspec.structs.replace(selected.end, schema_version_id=version.version_id)
            )
            await self.audit.record(
                actor(caller),
                "dataset.schema.put",
                dataset_rid,
                branchName=selected.branch_name,
                transactionRid=selected.end.transaction_rid,
                versionId=version.version_id,
            )
        return ViewSchema(selected.branch_name, selected.end.transaction_rid, version)

    async def read(
        self, caller: Caller, dataset_rid: DatasetRid, selection: Selection, query: TableQuery
    ) -> AsyncIterator[bytes]:
        """Begin to read a dataset as a table.

        Raises:
            DatasetNotFoundError: The caller does not see the dataset.
            ReadTableDatasetPermissionDeniedError: It is less than Viewer.
            SchemaNotFoundError: The view has no schema.
            DatasetReadNotSupportedError: Its files are not of a kind that is read.
            InvalidArgumentError: There is no such column, or the limit is not possible.
            ColumnTypesNotSupportedError: A type does not go into CSV.
            ReadTableRowLimitExceededError: There are too many rows, and they are not Parquet.
            FileStoreUnavailableError: A file cannot be opened now.
            ReadTableError: A file is not what the schema says.
            ReadTableTimeoutError: It took too long.
            OverloadedError: Too many tables are being read.
            SluicewayError: Whatever ``Views.select``, or ``Streaming.select``, raises.
        """
        denied = partial(ReadTableDatasetPermissionDeniedError, dataset_rid)
        is_streaming = await self.gate.read(caller, dataset_rid, denied)
        if query.row_limit is not None and query.row_limit < 0:
            raise InvalidArgumentError("rowLimit is less than 0", rowLimit=query.row_limit)
        try:
            if is_streaming:
                return await self.streams.rows(dataset_rid, selection, query)
            return await self.reader.read(await self._job(dataset_rid, selection, query))
        except TableFaultError as error:
            raise self._fault(dataset_rid, error) from error

    async def _job(
        self, dataset_rid: DatasetRid, selection: Selection, query: TableQuery
    ) -> TableJob:
        selected = await self.views.select(dataset_rid, selection)
        if selected.end is None or selected.view is None:
            raise SchemaNotFoundError(dataset_rid, selected.branch_name, None)
        version = (await self._schema(selected, selected.end, None)).version
        query.check(version.schema)
        return TableJob(
            format=query.format,
            schema=version.schema,
            columns=query.columns,
            files=await self._table_files(dataset_rid, selected.view, version.dataframe_reader),
            row_limit=query.row_limit,
            rows_max=self.settings.table_rows_max,
        )

    async def _schema(
        self, selected: Selected, end: Transaction, version_id: str | None
    ) -> ViewSchema:
        wanted = version_id or end.schema_version_id
        if wanted is None and end.parent_rid is not None:
            # It is open, and has that of the transaction before it until it gets one of its own.
            parent = await self.history.get(end.dataset_rid, end.parent_rid)
            wanted = None if parent is None else parent.schema_version_id
        found = None if wanted is None else await self.history.schema(end.dataset_rid, wanted)
        if found is None:
            raise SchemaNotFoundError(end.dataset_rid, selected.branch_name, end.transaction_rid)
        return ViewSchema(selected.branch_name, end.transaction_rid, found)

    async def _table_files(
        self, dataset_rid: DatasetRid, view: FileView, reader: DataframeReader
    ) -> list[TableFile]:
        if reader is DataframeReader.AVRO:
            reason = "tables that are stored as Avro are not read"
            raise DatasetReadNotSupportedError(dataset_rid, reason)
        files_max = self.settings.table_files_max
        found = await self.files.view(view, limit=files_max + 1)
        if len(found) > files_max:
            reason = f"a table may have {files_max} files"
            raise DatasetReadNotSupportedError(dataset_rid, reason)
        table = []
        for file in found:
            if file.path.rpartition("/")[2].startswith(("_", ".")):
                continue  # As Spark has it: marks and logs of whoever wrote the files.
            kind = reader if reader is not DataframeReader.DATASOURCE else _kind_of(file)
            if kind is None:
                reason = f"{file.path!r} is neither .parquet nor .csv"
                raise DatasetReadNotSupportedError(dataset_rid, reason)
            assert file.content_id is not None
            location = self.keeping.contents.location(file.content_id)
            table.append(TableFile(file.path, location, kind))
        return table

    def _fault(self, dataset_rid: DatasetRid, error: TableFaultError) -> SluicewayError:
        match error.kind:
            case TableFaultKind.FILE | TableFaultKind.GONE:
                return ReadTableError(dataset_rid, error.message)
            case TableFaultKind.ROWS:
                return ReadTableRowLimitExceededError(dataset_rid, self.settings.table_rows_max)
            case TableFaultKind.TYPES:
                return ColumnTypesNotSupportedError(dataset_rid, error.message)
            case TableFaultKind.AWAY:
                return FileStoreUnavailableError(error.message)
            case TableFaultKind.TIME:
                return ReadTableTimeoutError(dataset_rid, self.settings.table_seconds_max)


def _kind_of(file: DatasetFile) -> DataframeReader | None:
    dot = file.path.rfind(".")
    return _ENDINGS.get(file.path[dot:].lower()) if dot >= 0 else None
