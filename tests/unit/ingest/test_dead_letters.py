"""Which dead letters are open, on a real log: what it says again after a crash in between."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sluiceway.access.caller import PrincipalId
from sluiceway.backends.embedded.log import EmbeddedLog, open_log
from sluiceway.backends.embedded.settings import EmbeddedLogSettings
from sluiceway.foundation.rids import new_dataset_rid
from sluiceway.ingest.dead_letters.errors import DeadLettersFullError
from sluiceway.ingest.dead_letters.ledger import Held, Ledger, batch_of
from sluiceway.ingest.dead_letters.stored import read_letters
from sluiceway.ingest.dead_letters.types import (
    LETTERS,
    RESOLUTIONS,
    KeptResolution,
    Resolution,
)
from sluiceway.ingest.settings import IngestSettings
from sluiceway.streams.pending import PendingAppend

LINE = b"x" * 99 + b"\n"
LETTERS_MAX = 100
DATASET = new_dataset_rid()
FRAMES = EmbeddedLogSettings(frame_bytes_max=4096)
"""Forty letters in each frame: what is trimmed is whole frames."""


@pytest.fixture
async def log(tmp_path: Path) -> AsyncIterator[EmbeddedLog]:
    opened = await open_log(tmp_path, FRAMES)
    yield opened
    await opened.close()


async def loaded(log: EmbeddedLog) -> Ledger:
    ledger = Ledger(DATASET, "master", IngestSettings(dead_letters_max=LETTERS_MAX))
    await ledger.load(log)
    return ledger


async def add(log: EmbeddedLog, ledger: Ledger, count: int) -> None:
    lines = [LINE] * count
    ledger.reserve(lines)
    (first,) = await log.append([batch_of(ledger.log_rid, LETTERS, lines)])
    ledger.settle(lines, first)


def discard(log: EmbeddedLog, ledger: Ledger, *numbers: int) -> PendingAppend:
    kept = KeptResolution(numbers, Resolution.DISCARDED, PrincipalId("ada"), "ada")
    line = b'{"letters":[%b],"resolution":"DISCARDED","principal_id":"ada","username":"ada"}\n'
    with Held(ledger, numbers) as held:
        text = line % b",".join(b"%d" % number for number in numbers)
        append = log.append([batch_of(ledger.log_rid, RESOLUTIONS, [text])])
        held.pass_on(kept, append)
    return append


async def test_a_full_stream_has_room_again_if_the_server_died_before_the_space_was_given_back(
    log: EmbeddedLog,
):
    ledger = await loaded(log)
    await add(log, ledger, LETTERS_MAX)
    await discard(log, ledger, *range(LETTERS_MAX))
    with pytest.raises(DeadLettersFullError):
        ledger.reserve([LINE])

    again = await loaded(log)

    assert again.open_count == 0
    await add(log, again, LETTERS_MAX)
    assert list(again.open_from(0)) == list(range(LETTERS_MAX, 2 * LETTERS_MAX))


async def test_a_resolution_that_is_not_known_yet_is_not_trimmed(log: EmbeddedLog):
    ledger = await loaded(log)
    await add(log, ledger, LETTERS_MAX)
    await discard(log, ledger, *range(80))
    other = await loaded(log)
    await discard(log, other, 90)

    # This one knows nothing of letter 90, as if it were about to hear of it.
    await ledger.trim(log)

    again = await loaded(log)
    assert 90 not in again.open_from(0)
    assert again.open_count == LETTERS_MAX - 81


async def test_letters_that_are_trimmed_while_they_are_read_are_left_out_and_passed(
    log: EmbeddedLog,
):
    ledger = await loaded(log)
    await add(log, ledger, LETTERS_MAX)
    await discard(log, ledger, *range(40))
    await ledger.trim(log)
    rid = ledger.log_rid

    async def numbers(wanted: list[int], bytes_max: int) -> tuple[list[int], int | None]:
        records, last = await read_letters(log, rid, wanted, bytes_max)
        return [record.offset for record in records], last

    assert await numbers([0, 1], 1000) == ([], 1)
    assert await numbers([], 1000) == ([], None)
    assert await numbers([38, 39, 40, 41, 43, 42, 60], 10_000) == ([40, 41, 43, 42, 60], 60)
    assert await numbers([38, 39, 40, 41], 1) == ([40], 40)
    assert await numbers([50, 60, 61, 62], 99 * 2) == ([50, 60], 60)
    assert await numbers([50, 60, 61, 62], 99 * 2 + 1) == ([50, 60, 61], 61)
