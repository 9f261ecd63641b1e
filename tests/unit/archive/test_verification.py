"""Tables are held against what was pushed: what is wrong is found, and what is right is counted."""

from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import msgspec
import pyarrow as pa
import pytest
from pyiceberg.catalog import Catalog
from pyiceberg.table import Table
from sqlalchemy import delete

from fixtures.archive import LocalTables, iceberg_tables, mover_of
from fixtures.streams import Streams, open_streams
from sluiceway.access.roles import Role
from sluiceway.archive.errors import MaintainArchivePermissionDeniedError
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.archive.types import TableName
from sluiceway.archive.upkeep import UpkeepService
from sluiceway.archive.verification.errors import VerifyStreamPermissionDeniedError
from sluiceway.archive.verification.service import VerificationService
from sluiceway.archive.verification.types import Problem, ProblemKind, Verified
from sluiceway.backends.iceberg.tables import IcebergTables
from sluiceway.backends.sql.tables.archive import ARCHIVE_TRANSACTIONS
from sluiceway.foundation.request_errors import InvalidPageTokenError
from sluiceway.streams.errors import StreamNotFoundError
from sluiceway.streams.types import View

COMMITS = 3
EACH = 20


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path) as opened:
        yield opened


@pytest.fixture
def tables(tmp_path: Path) -> Iterator[IcebergTables]:
    opened = iceberg_tables(tmp_path)
    yield opened
    opened.close()


class Verifying:
    """A stream and its table."""

    def __init__(self, streams: Streams, tables: IcebergTables, view: View) -> None:
        self.streams = streams
        self.tables = tables
        self.view = view
        self.mover = mover_of(streams, tables, ArchiveSettings())
        self.service = VerificationService(
            streams.directory, streams.log, LocalTables(tables), self.mover.store
        )

    async def push_and_move(self) -> None:
        for partition in range(self.view.partitions):
            values = [f"{partition}-{number}" for number in range(EACH)]
            await self.streams.append(self.view, *values, partition=partition)
        await self.mover.move(self.view.view_rid)

    async def verify(self) -> Verified:
        """Verify all parts, and add them up."""
        view = self.view
        found = await self.service.verify(
            self.streams.owner, view.dataset_rid, view.branch_name, None
        )
        while found.next_page_token is not None:
            part = await self.service.verify(
                self.streams.owner, view.dataset_rid, view.branch_name, found.next_page_token
            )
            found = msgspec.structs.replace(
                part,
                verified_records=found.verified_records + part.verified_records,
                compared_records=found.compared_records + part.compared_records,
                unproven_records=found.unproven_records + part.unproven_records,
                partitions=[
                    msgspec.structs.replace(
                        now,
                        verified_records=before.verified_records + now.verified_records,
                        compared_records=before.compared_records + now.compared_records,
                        unproven_records=before.unproven_records + now.unproven_records,
                    )
                    for before, now in zip(found.partitions, part.partitions, strict=True)
                ],
                problems=found.problems + part.problems,
            )
        return found

    async def table(self) -> Table:
        """Give the table as another program has it."""
        return _load(self.tables.catalogue, await self.name())

    async def name(self) -> TableName:
        known = await self.mover.store.of_view(self.view.view_rid)
        assert known is not None
        return known.table


def _load(catalogue: Catalog, name: TableName) -> Table:
    return catalogue.load_table((name.namespace, name.name))


async def _filled(streams: Streams, tables: IcebergTables, partitions: int) -> Verifying:
    opened = Verifying(streams, tables, await streams.create(partitions=partitions))
    for _ in range(COMMITS):
        await opened.push_and_move()
    return opened


@pytest.fixture
async def verifying(streams: Streams, tables: IcebergTables) -> Verifying:
    """A stream of two partitions in a table, in several commits."""
    return await _filled(streams, tables, 2)


@pytest.fixture
async def changeable(streams: Streams, tables: IcebergTables) -> Verifying:
    """One of one partition: who rewrites a file keeps its row groups as we read them."""
    return await _filled(streams, tables, 1)


async def test_what_is_right_is_counted(verifying: Verifying) -> None:
    await verifying.streams.append(verifying.view, "waits")

    found = await verifying.verify()

    assert found.problems == []
    assert found.verified_records == found.compared_records == COMMITS * EACH * 2
    assert found.total_records == 2 * COMMITS * EACH * 2
    assert (found.unproven_records, found.waiting_records) == (0, 1)
    assert [one.partition_id for one in found.partitions] == ["0", "1"]
    for one in found.partitions:
        assert one.verified_records == one.compared_records == COMMITS * EACH
    assert sum(one.waiting_records for one in found.partitions) == 1


async def test_merging_and_trimming_take_no_proof_away(verifying: Verifying) -> None:
    for _ in range(8):
        await verifying.push_and_move()
    merged = await LocalTables(verifying.tables).maintain(await verifying.name())
    await verifying.streams.log.trim(verifying.view.view_rid, 0, 5 * EACH)

    found = await verifying.verify()

    assert merged.merged_files
    assert found.problems == []
    assert found.verified_records == 11 * EACH * 2
    assert found.compared_records == 11 * EACH * 2 - 5 * EACH


async def test_what_retention_deleted_is_not_missed(verifying: Verifying) -> None:
    view, mover = verifying.view.view_rid, verifying.mover
    found = await mover.found(view)
    assert found is not None
    table, _ = found
    (second,) = await mover.tables.read(table.table, 0, EACH, limit=1, bytes_max=1)
    for partition in range(2):
        await verifying.streams.log.trim(view, partition, EACH)
    deleted = await mover.delete(table, second.time_ms)

    verified = await verifying.verify()

    assert deleted is not None
    assert deleted.ranges == {0: (0, EACH), 1: (0, EACH)}
    assert verified.problems == []
    assert verified.verified_records == verified.compared_records == (COMMITS - 1) * EACH * 2
    assert verified.unproven_records == 0


async def test_a_stream_of_which_nothing_is_archived_only_waits(
    streams: Streams, tables: IcebergTables
) -> None:
    opened = Verifying(streams, tables, await streams.create())
    await streams.append(opened.view, "a", "b")

    found = await opened.verify()

    assert (found.waiting_records, found.total_records, found.problems) == (2, 0, [])


def _delete_one(table: Table) -> None:
    table.delete("_offset = 25")


def _repeat_one(table: Table) -> None:
    table.append(table.scan("_offset = 25").to_arrow())


def _change_one(table: Table) -> None:
    where = "_offset >= 20 and _offset < 40"
    rows = table.scan(where).to_arrow().sort_by("_offset")
    values = rows["n"].to_pylist()
    values[5] = "another"
    changed = rows.set_column(0, rows.schema.field(0), pa.array(values, rows.schema.field(0).type))
    table.overwrite(changed, where)


def _add_beyond(table: Table) -> None:
    row = table.scan("_offset = 25").to_arrow()
    at = row.schema.get_field_index("_offset")
    table.append(row.set_column(at, row.schema.field(at), pa.array([60], pa.int64())))


@pytest.mark.parametrize(
    ("change", "kind", "first", "end"),
    [
        (_delete_one, ProblemKind.RECORDS_MISSING, EACH, 2 * EACH),
        (_repeat_one, ProblemKind.RECORDS_REPEATED, EACH, 2 * EACH),
        (_change_one, ProblemKind.RECORDS_DIFFER, EACH, 2 * EACH),
        (_add_beyond, ProblemKind.NOT_ANNOUNCED, 3 * EACH, 3 * EACH + 1),
    ],
)
async def test_rows_that_another_program_changed_are_found(
    changeable: Verifying,
    change: Callable[[Table], None],
    kind: ProblemKind,
    first: int,
    end: int,
) -> None:
    change(await changeable.table())
    await changeable.streams.log.trim(changeable.view.view_rid, 0, 3 * EACH)

    found = await changeable.verify()

    (problem,) = found.problems
    assert (problem.kind, problem.partition_id) == (kind, "0")
    assert (problem.start_offset, problem.end_offset) == (first, end)
    broken = 0 if kind is ProblemKind.NOT_ANNOUNCED else EACH
    assert found.verified_records == COMMITS * EACH - broken


async def test_what_the_log_has_is_held_against_the_table(changeable: Verifying) -> None:
    _change_one(await changeable.table())

    found = await changeable.verify()

    in_log = [one for one in found.problems if one.transaction_rid is None]
    assert [(one.kind, one.partition_id) for one in in_log] == [(ProblemKind.RECORDS_DIFFER, "0")]
    assert found.compared_records == 0


async def test_a_commit_that_nobody_knows_is_a_problem(verifying: Verifying) -> None:
    known = await verifying.mover.store.transactions([verifying.view.view_rid], limit=10)
    assert len(known) == COMMITS

    found = await _without(verifying, str(known[1][1].rid))

    expected = [
        Problem(
            kind=ProblemKind.NOT_COMMITTED,
            partition_id=str(partition),
            start_offset=EACH,
            end_offset=2 * EACH,
            description="no commit brought these offsets",
        )
        for partition in range(2)
    ]
    assert found.problems == expected


async def _without(verifying: Verifying, rid: str) -> Verified:
    """Verify while the database lacks a transaction, whose snapshot is gone as well."""
    async with verifying.streams.tree.database.write(touches_caches=False) as connection:
        await connection.execute(
            delete(ARCHIVE_TRANSACTIONS).where(ARCHIVE_TRANSACTIONS.c.rid == rid)
        )
    return await verifying.verify()


async def test_a_token_is_of_one_view(verifying: Verifying) -> None:
    view, owner = verifying.view, verifying.streams.owner
    other = await verifying.streams.create("other")
    first = await verifying.service.verify(owner, view.dataset_rid, "master", None)

    for token in (first.next_page_token, "AAAA", "no token", "é"):
        with pytest.raises(InvalidPageTokenError):
            await verifying.service.verify(owner, other.dataset_rid, "master", token)


async def test_who_may_not_read_may_not_verify(verifying: Verifying) -> None:
    view, tree = verifying.view, verifying.streams.tree

    with pytest.raises(StreamNotFoundError):
        await verifying.service.verify(tree.user(), view.dataset_rid, "master", None)
    with pytest.raises(StreamNotFoundError):
        await verifying.service.verify(tree.owner, view.dataset_rid, "other", None)


async def test_seeing_a_stream_is_not_reading_it_and_reading_it_is_not_maintaining_it(
    verifying: Verifying,
) -> None:
    rid, tree, service = verifying.view.dataset_rid, verifying.streams.tree, verifying.service
    upkeep = UpkeepService(verifying.mover)
    discoverer = await tree.user_with(rid, Role.DISCOVERER.role_id)
    viewer = await tree.user_with(rid, Role.VIEWER.role_id)
    editor = await tree.user_with(rid, Role.EDITOR.role_id)

    with pytest.raises(VerifyStreamPermissionDeniedError):
        await service.verify(discoverer, rid, "master", None)
    assert (await service.verify(viewer, rid, "master", None)).problems == []
    with pytest.raises(MaintainArchivePermissionDeniedError):
        await upkeep.maintain(viewer, rid, "master")
    with pytest.raises(StreamNotFoundError):
        await upkeep.maintain(tree.user(), rid, "master")
    assert (await upkeep.maintain(editor, rid, "master")).merged_files == 0
