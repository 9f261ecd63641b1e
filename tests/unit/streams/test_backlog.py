"""When a log has no room, and when it says that there is some again."""

import pytest

from sluiceway.streams.backlog import Backlog
from sluiceway.streams.log_errors import LogBusyError


def test_there_is_room_up_to_the_most_and_always_for_one() -> None:
    backlog = Backlog(100)
    backlog.check(1_000)
    backlog.size = 60

    backlog.check(40)
    with pytest.raises(LogBusyError) as caught:
        backlog.check(41)

    assert (caught.value.queued_bytes, caught.value.queue_bytes_max) == (60, 100)


def test_it_has_eased_at_a_quarter() -> None:
    backlog, told = Backlog(100), []
    backlog.eased = lambda: told.append(backlog.size)
    backlog.size = 80

    backlog.settle(54)
    assert told == []
    backlog.settle(1)
    assert told == [25]
