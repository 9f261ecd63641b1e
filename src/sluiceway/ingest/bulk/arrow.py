"""Arrow IPC streams: the messages, checked one by one, and their records as lines.

Arrow's reader is written for input that can be trusted not to be huge, and its batches may hold
what is not so: before values are read, the claims of each message are held to the bounds, and
each batch is validated in full, as Arrow's security model asks of whoever reads foreign data
(https://arrow.apache.org/docs/format/Security.html).
"""

from typing import Any, Final

import pyarrow as pa

from sluiceway.ingest.bulk.arrow_claims import Claims
from sluiceway.ingest.bulk.arrow_columns import record_of
from sluiceway.ingest.bulk.arrow_leaves import Column
from sluiceway.ingest.bulk.lines import Lines
from sluiceway.schema.errors import BodyInvalidError
from sluiceway.schema.types import StreamSchema

_CHUNK_ROWS_MAX: Final = 1_024
_CHUNK_VALUES: Final = 65_536
"""About so many values are Python objects at a time."""


def arrow_lines(body: bytes, schema: StreamSchema, bytes_max: int, records_max: int) -> bytes:
    """Write the records of an Arrow IPC stream, for a stream of *schema*, as lines of JSON.

    Raises:
        BodyInvalidError: It is no such stream, or has a type that no field takes.
        EmptyBatchError: It holds no record.
        TooManyRecordsError: It holds more than *records_max* records.
        RequestEntityTooLargeError: Unpacked, or as lines, it has more than *bytes_max* bytes.
    """
    lines = Lines(bytes_max, records_max)
    claims = Claims(lines, bytes_max)
    try:
        _check_messages(body, claims)
        options = pa.ipc.IpcReadOptions(use_threads=False)
        with pa.ipc.open_stream(pa.BufferReader(body), options=options) as reader:
            record = record_of(reader.schema, schema, lines)
            for values in claims.batches:
                batch = reader.read_next_batch()
                batch.validate(full=True)
                _write(batch, record, values, lines)
    except (pa.ArrowException, EOFError, OSError) as error:
        raise BodyInvalidError(f"the body is no Arrow IPC stream: {_short(error)}") from None
    except StopIteration:
        raise BodyInvalidError("the body is no Arrow IPC stream: batches are missing") from None
    except UnicodeDecodeError as error:
        raise BodyInvalidError(f"a name in the Arrow schema is not UTF-8: {error}") from None
    except RecursionError:
        raise BodyInvalidError("the columns are nested too deep") from None
    return lines.text()


def _check_messages(body: bytes, claims: Claims) -> None:
    source = pa.BufferReader(body)
    messages = pa.ipc.MessageReader.open_stream(source)
    position = 0
    try:
        for message in messages:
            packed = message.body
            claims.check(
                message.metadata.to_pybytes(),
                memoryview(b"" if packed is None else packed),
            )
            position = source.tell()
        _check_end(body, source.tell())
    except BodyInvalidError as error:
        raise BodyInvalidError(error.message, position) from None
    except (pa.ArrowException, EOFError, OSError) as error:
        reason = f"the body is no Arrow IPC stream: {_short(error)}"
        raise BodyInvalidError(reason, position) from None


def _check_end(body: bytes, position: int) -> None:
    if position < len(body):
        # Most likely a second stream, whose records must not get lost without a word.
        raise BodyInvalidError("there is more behind the end of the Arrow IPC stream")


def _write(batch: Any, record: Column, values: int, lines: Lines) -> None:  # noqa: ANN401 - a pa.RecordBatch
    rows = batch.num_rows
    array = batch.to_struct_array()
    step = max(1, min(_CHUNK_ROWS_MAX, _CHUNK_VALUES * rows // max(values, 1)))
    for start in range(0, rows, step):
        lines.write(record(array.slice(start, step)))


def _short(error: BaseException) -> str:
    return str(error).partition("\n")[0][:200]
