"""When a fold is worth it, as far as the server knows."""

from sluiceway.archive.folding import Folding
from sluiceway.archive.types import Folded
from sluiceway.foundation.rids import new_view_rid

VIEW = new_view_rid()


def told(changes_left: int) -> Folded:
    return Folded(next_offsets={}, rows=1, changes_left=changes_left)


def test_the_first_commit_since_the_start_makes_a_call_that_tells_how_many_are_left() -> None:
    folding = Folding()
    assert folding.due() == []

    folding.archived(VIEW, 3)
    assert folding.due() == [VIEW]
    folding.begin(VIEW)
    folding.folded(VIEW, told(10))
    folding.archived(VIEW, 9)
    assert folding.due() == []
    folding.archived(VIEW, 1)

    assert folding.due() == [VIEW]


def test_records_that_come_while_it_folds_count() -> None:
    folding = Folding()
    folding.archived(VIEW, 3)
    folding.begin(VIEW)
    folding.archived(VIEW, 10)
    folding.folded(VIEW, told(10))

    assert folding.due() == [VIEW]


def test_a_fold_that_took_a_part_or_failed_is_due_again() -> None:
    folding = Folding()
    folding.archived(VIEW, 3)
    folding.begin(VIEW)
    folding.folded(VIEW, told(0))
    assert folding.due() == [VIEW]

    folding.begin(VIEW)
    folding.failed(VIEW)

    assert folding.due() == [VIEW]


def test_what_is_gone_is_not_due() -> None:
    folding = Folding()
    folding.archived(VIEW, 3)

    folding.forget([VIEW])
    folding.folded(VIEW, told(0))
    folding.failed(VIEW)

    assert folding.due() == []
