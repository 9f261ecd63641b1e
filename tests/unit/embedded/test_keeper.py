"""The thread that writes index files beside the embedded log."""

from pathlib import Path

from sluiceway.backends.embedded.files import DiskFiles
from sluiceway.backends.embedded.index import OpenIndex
from sluiceway.backends.embedded.keeper import Keeper
from sluiceway.backends.embedded.segments import Segment, Segments


def open_segment(folder: Path) -> tuple[Segments, Segment]:
    segments = Segments(folder, DiskFiles(), seed=0)
    segment = Segment(1, 0)
    segment.index = OpenIndex()
    segments.all[segment.id] = segment
    segments.path(segment.id).touch()
    return segments, segment


def test_of_snapshots_that_wait_only_the_newest_is_written(tmp_path: Path) -> None:
    segments, segment = open_segment(tmp_path)
    keeper = Keeper(segments)

    for position in (10, 20, 30):
        keeper.snapshot(segment, position, position, 1)

    assert keeper._work.qsize() == 1
    keeper.start()
    keeper.stop()
    assert segments.read_head(segment.id).position == 30


def test_no_snapshot_is_written_of_a_segment_that_became_full(tmp_path: Path) -> None:
    segments, segment = open_segment(tmp_path)
    keeper = Keeper(segments)

    keeper.snapshot(segment, 10, 10, 1)
    segment.end_sequence = 11
    keeper.start()
    keeper.stop()

    assert not segments.has_index(segment.id)
