"""Arrow streams that are damaged or made to harm: refused, and never at the cost of the memory."""

import struct
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.bulk import BYTES_MAX, LEAVES, RECORDS_MAX, arrow_body, lines_of, stream_schema
from fixtures.pages import ROOT
from fixtures.server import clean_environment
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.request_errors import RequestEntityTooLargeError
from sluiceway.ingest.bulk.conversion import Bulk
from sluiceway.schema.errors import BodyInvalidError, TooManyRecordsError

TABLE = pa.table(
    {
        "text": ["a", None, "more than twelve bytes"],
        "view": pa.array(["a", None, "more than twelve bytes"], pa.string_view()),
        "category": pa.array(["u", "v", "u"]).dictionary_encode(),
        "viewed category": pa.DictionaryArray.from_arrays(
            pa.array([0, 1, None], pa.int8()),
            pa.array(["u", "more than twelve bytes"], pa.string_view()),
        ),
        "double": [1.5, float("nan"), None],
        "decimal": pa.array([Decimal("1.50"), None, Decimal(1)], pa.decimal256(70, 3)),
        "moment": pa.array([1, -1, None], pa.timestamp("us", "UTC")),
        "day": pa.array([1, 2, None], pa.int32()).cast(pa.date32()),
        "list": [[[1], None], None, []],
        "pair": pa.array([[1, 2], [3, 4], None], pa.list_(pa.int64(), 2)),
        "map": pa.array([[("k", b"v")], None, []], pa.map_(pa.string(), pa.binary())),
        "struct": [{"x": 1, "y": b"a"}, None, {}],
        "nothing": pa.nulls(3),
    }
)
SCHEMA = stream_schema(text=LEAVES["string"], double=LEAVES["double"])


def packed(codec: str | None) -> bytes:
    return arrow_body(TABLE, rows_max=2, options=pa.ipc.IpcWriteOptions(compression=codec))


BODIES = [packed(codec) for codec in (None, "lz4", "zstd")]
BODIES += [
    arrow_body(TABLE.select([name]), options=pa.ipc.IpcWriteOptions(compression="zstd"))
    for name in TABLE.column_names
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Give a stream in which a few numbers are others, or a few bytes are missing."""
    body = bytearray(draw(st.sampled_from(BODIES)))
    for _ in range(draw(st.integers(1, 6))):
        at = draw(st.integers(0, len(body) - 9))
        match draw(st.sampled_from(["byte", "int", "long", "cut"])):
            case "byte":
                body[at] = draw(st.integers(0, 255))
            case "int":
                struct.pack_into("<i", body, at & ~3, draw(st.integers(-(2**31), 2**31 - 1)))
            case "long":
                struct.pack_into("<q", body, at & ~7, draw(st.integers(-(2**63), 2**63 - 1)))
            case "cut":
                del body[at : at + draw(st.integers(1, 8))]
    return bytes(body)


@settings(max_examples=1_500)
@given(body=damaged())
def test_a_damaged_stream_is_taken_or_refused_and_nothing_else(body: bytes):
    lines, refusal = b"", None
    try:
        lines = lines_of(Bulk.ARROW, body, SCHEMA)
    except SluicewayError as error:
        refusal = error

    assert len(lines) <= BYTES_MAX
    assert refusal is None or refusal.http_status in {400, 413}


@given(body=st.binary(max_size=300))
def test_bytes_that_are_no_stream_are_refused(body: bytes):
    with pytest.raises(BodyInvalidError, match="no Arrow IPC stream"):
        lines_of(Bulk.ARROW, body, SCHEMA)


def test_a_stream_that_is_cut_short_is_refused_at_the_message_that_is():
    body = packed(None)

    with pytest.raises(BodyInvalidError) as caught:
        lines_of(Bulk.ARROW, body[: len(body) - 20], SCHEMA)

    assert 0 < caught.value.parameters["position"] < len(body)


def test_a_second_stream_behind_the_first_is_refused():
    body = packed(None)

    with pytest.raises(BodyInvalidError, match="more behind the end") as caught:
        lines_of(Bulk.ARROW, body + body, SCHEMA)

    assert caught.value.parameters["position"] == len(body) - 8


def claiming(body: bytes, found: int, claimed: int) -> bytes:
    """Write another number in each place of a stream where *found* is."""
    old, new = struct.pack("<q", found), struct.pack("<q", claimed)
    assert old in body
    return body.replace(old, new)


@pytest.mark.parametrize("codec", ["lz4", "zstd"])
@pytest.mark.parametrize("claimed", [BYTES_MAX + 1, 2**40, 2**62])
def test_a_compressed_buffer_may_not_claim_more_than_the_bound(codec: str, claimed: int):
    table = pa.table({"text": ["x" * 12_345]})
    body = arrow_body(table, options=pa.ipc.IpcWriteOptions(compression=codec))

    with pytest.raises(RequestEntityTooLargeError):
        lines_of(Bulk.ARROW, claiming(body, 12_345, claimed), SCHEMA)


@pytest.mark.parametrize("codec", ["lz4", "zstd"])
def test_a_compressed_buffer_must_be_as_large_as_it_claims(codec: str):
    table = pa.table({"text": ["x" * 12_345]})
    body = arrow_body(table, options=pa.ipc.IpcWriteOptions(compression=codec))

    for claimed in (12_344, 12_346, -2):
        with pytest.raises(BodyInvalidError):
            lines_of(Bulk.ARROW, claiming(body, 12_345, claimed), SCHEMA)


@pytest.mark.parametrize("codec", ["lz4", "zstd"])
def test_what_many_buffers_unpack_to_is_counted_together(codec: str):
    table = pa.table({f"c{number}": ["x" * (BYTES_MAX // 4 - 100)] for number in range(5)})
    body = arrow_body(table, options=pa.ipc.IpcWriteOptions(compression=codec))

    assert len(body) < BYTES_MAX // 8
    with pytest.raises(RequestEntityTooLargeError):
        lines_of(Bulk.ARROW, body, SCHEMA)


@pytest.mark.parametrize("rows", [RECORDS_MAX + 1, 2**40, 2**62])
def test_rows_without_bytes_are_counted_before_they_are_made(rows: int):
    body = arrow_body(pa.table({"nothing": pa.nulls(777)}))

    with pytest.raises(TooManyRecordsError):
        lines_of(Bulk.ARROW, claiming(body, 777, rows), SCHEMA)


@pytest.mark.parametrize(
    "column",
    [
        pa.FixedSizeListArray.from_arrays(pa.nulls(2**22), 2**22),
        pa.ListArray.from_arrays(pa.array([0, 2**22], pa.int32()), pa.nulls(2**22)),
        pa.ListArray.from_arrays(
            pa.array([0, 2**22], pa.int32()),
            pa.StructArray.from_buffers(pa.struct([]), 2**22, [None]),
        ),
    ],
    ids=["fixed size", "nulls", "empty structs"],
)
def test_items_without_bytes_are_counted_before_they_are_made(column: pa.Array):
    body = arrow_body(pa.table({"f": column}))

    assert len(body) < 1_000
    with pytest.raises(RequestEntityTooLargeError):
        lines_of(Bulk.ARROW, body, SCHEMA)


def repeated_views() -> pa.Array:
    """Give views that all show the same bytes, inside one list."""
    view = struct.pack("<i4sii", 100_000, b"xxxx", 0, 0)
    buffers = [None, pa.py_buffer(view * 10_000), pa.py_buffer(b"x" * 100_000)]
    views = pa.Array.from_buffers(pa.string_view(), 10_000, buffers)
    return pa.ListArray.from_arrays(pa.array([0, 10_000], pa.int32()), views)


@pytest.mark.parametrize(
    "column",
    [
        pa.DictionaryArray.from_arrays(pa.array([0] * 900, pa.int8()), pa.array(["x" * 100_000])),
        pa.DictionaryArray.from_arrays(
            pa.array([0] * 900, pa.int8()), pa.array(["x" * 100_000], pa.string_view())
        ),
        pa.DictionaryArray.from_arrays(
            pa.array([0] * 900, pa.int8()), pa.array([b"x" * 100_000], pa.binary(100_000))
        ),
        repeated_views(),
    ],
    ids=["dictionary", "dictionary of views", "dictionary of fixed size", "views"],
)
def test_one_text_in_many_places_is_counted_in_each(column: pa.Array):
    body = arrow_body(pa.table({"f": column}))

    with pytest.raises(RequestEntityTooLargeError):
        lines_of(Bulk.ARROW, body, SCHEMA)


def test_large_dictionaries_before_very_many_batches_are_refused():
    value = "x" * 200_000
    table = pa.Table.from_batches(
        [
            pa.record_batch(
                {"f": pa.DictionaryArray.from_arrays(pa.array([0], pa.int8()), pa.array([value]))}
            ),
            *[
                pa.record_batch(
                    {
                        "f": pa.DictionaryArray.from_arrays(
                            pa.array([None], pa.int8()), pa.array([value])
                        )
                    }
                )
            ]
            * 100,
        ]
    )

    with pytest.raises(BodyInvalidError, match="write fewer, larger batches"):
        lines_of(Bulk.ARROW, arrow_body(table), SCHEMA)


@pytest.mark.parametrize(("batches", "fits"), [(RECORDS_MAX, True), (RECORDS_MAX + 1, False)])
def test_batches_are_counted_even_if_they_are_empty(batches: int, fits: bool):  # noqa: FBT001 - a table
    none = pa.record_batch({"f": pa.array([], pa.int64())})
    one = pa.record_batch({"f": pa.array([1], pa.int64())})
    body = arrow_body(pa.Table.from_batches([none] * (batches - 1) + [one]))

    if fits:
        assert lines_of(Bulk.ARROW, body, SCHEMA) == b'{"f":1}\n'
    else:
        with pytest.raises(BodyInvalidError, match="more batches"):
            lines_of(Bulk.ARROW, body, SCHEMA)


def test_decimals_of_an_absurd_scale_are_refused():
    for scale in (39, 2**31 - 1, -39, -(2**31)):
        column = pa.Array.from_buffers(
            pa.decimal128(3, scale), 1, [None, pa.py_buffer(b"\x01" + b"\0" * 15)]
        )

        with pytest.raises(BodyInvalidError, match="no field takes"):
            lines_of(Bulk.ARROW, arrow_body(pa.table({"f": column})), SCHEMA)


PROBE = """
import resource, sys
from fixtures.bulk import Bulk, lines_of, stream_schema
from sluiceway.foundation.errors import SluicewayError

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

lines_of(Bulk.ARROW, open(sys.argv[1], "rb").read(), stream_schema())
before = peak()
for name in sys.argv[2:]:
    try:
        lines_of(Bulk.ARROW, open(name, "rb").read(), stream_schema())
    except SluicewayError:
        continue
    raise AssertionError(name)
print(peak() - before)
"""


def test_what_claims_to_be_huge_takes_no_memory(tmp_path: Path):
    zstd = pa.ipc.IpcWriteOptions(compression="zstd")
    one = pa.array([0] * 900, pa.int8())
    hostile = [
        claiming(arrow_body(pa.table({"f": ["x" * 12_345]}), options=zstd), 12_345, 2**33),
        arrow_body(pa.table({"f": ["x" * 2**30]}), options=zstd),
        arrow_body(pa.table({"f": pa.FixedSizeListArray.from_arrays(pa.nulls(2**27), 2**27)})),
        arrow_body(pa.table({"f": repeated_views()})),
        arrow_body(pa.table({"f": pa.DictionaryArray.from_arrays(one, pa.array(["x" * 900_000]))})),
    ]
    files = [tmp_path / str(number) for number in range(len(hostile) + 1)]
    for file, body in zip(files, [packed(None), *hostile], strict=True):
        file.write_bytes(body)

    done = subprocess.run(
        [sys.executable, "-c", PROBE, *map(str, files)],
        env=clean_environment() | {"PYTHONPATH": "tests"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 32
