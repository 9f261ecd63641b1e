"""Queries for records that take longer than one call: page by page they come to the end."""

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

import sluiceway.archive.searching
import sluiceway.backends.iceberg.searching
import sluiceway.reading.querying
from fixtures.archive import LocalTables, iceberg_tables, mover_of
from fixtures.streams import Streams, open_streams
from sluiceway.archive.searching import HybridSearch
from sluiceway.archive.settings import ArchiveSettings
from sluiceway.reading.querying import QueryingService, QueryRecordsRequest, RecordOrder
from sluiceway.streams.types import View

EACH = 20


@pytest.fixture
async def streams(tmp_path: Path) -> AsyncIterator[Streams]:
    async with open_streams(tmp_path) as opened:
        yield opened


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every call look at as little as it may."""
    monkeypatch.setattr(sluiceway.reading.querying, "_SECONDS", 0.0)
    monkeypatch.setattr(sluiceway.archive.searching, "_PIECE_BYTES", 1)
    monkeypatch.setattr(sluiceway.backends.iceberg.searching, "_ROWS_MAX", 1)


async def pages(
    streams: Streams, querying: QueryingService, view: View, request: QueryRecordsRequest
) -> list[list[tuple[int, int]]]:
    found, token = [], None
    while True:
        asked = msgspec.structs.replace(request, page_token=token)
        page = await querying.query(streams.owner, view.dataset_rid, view.branch_name, asked)
        found.append([(one.partition, one.offset) for one in page.data])
        token = page.next_page_token
        if token is None:
            return found


@pytest.mark.parametrize("trimmed", [0, 4 * EACH, 10 * EACH])
@pytest.mark.parametrize("order", RecordOrder)
async def test_a_long_search_goes_on_from_page_to_page(
    streams: Streams, tmp_path: Path, trimmed: int, order: RecordOrder
) -> None:
    tables = iceberg_tables(tmp_path)
    view = await streams.create(partitions=2)
    mover = mover_of(streams, tables, ArchiveSettings())
    for at in range(20):
        values = [str(one % 7) for one in range(EACH)]
        await streams.append(view, *values, partition=at % 2)
        if at % 5 == 4:
            await mover.move(view.view_rid)
    for partition in range(2):
        await streams.log.trim(view.view_rid, partition, trimmed)
    local = LocalTables(tables)
    querying = QueryingService(streams.reading, HybridSearch(streams.log, local, mover.store))

    request = QueryRecordsRequest(where={"n": msgspec.Raw(b'"3"')}, order=order)
    found = await pages(streams, querying, view, request)
    every = await pages(streams, querying, view, QueryRecordsRequest(order=order, page_size=30))

    step = 1 if order is RecordOrder.OLDEST_FIRST else -1
    offsets = range(10 * EACH)[::step]
    listed, matching = (list(itertools.chain(*pages)) for pages in (every, found))
    assert listed == [(partition, one) for partition in range(2) for one in offsets]
    assert max(map(len, every)) <= 30
    assert matching == [one for one in listed if one[1] % EACH % 7 == 3]
    assert len(found) > 2  # It took more calls than there are partitions.
    tables.close()
