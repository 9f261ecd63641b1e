"""Receipts: an id says all that a receipt says, and nothing else is taken for one."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluiceway.foundation.rids import new_view_rid
from sluiceway.ingest.errors import InvalidReceiptError
from sluiceway.ingest.receipts import RECEIPT_LENGTH_MAX, Whereabouts, find_receipt, make_receipt

VIEW = new_view_rid()
places = st.lists(
    st.tuples(st.integers(0, 255), st.integers(0, 2**50), st.integers(1, 10_000)),
    min_size=1,
    max_size=256,
    unique_by=lambda place: place[0],
)


@given(places=places, time_ms=st.integers(0, 2**45))
def test_a_receipt_is_found_by_its_id(places: list[tuple[int, int, int]], time_ms: int) -> None:
    receipt = make_receipt(VIEW, time_ms, places)
    ends = {partition: first + count for partition, first, count in places}

    found = find_receipt(receipt.receipt_id, VIEW, dict.fromkeys(ends, 0), ends)

    assert len(receipt.receipt_id) <= RECEIPT_LENGTH_MAX
    assert found.time == receipt.time
    assert [(one.partition, one.first_offset, one.last_offset) for one in found.partitions] == [
        (partition, first, first + count - 1) for partition, first, count in places
    ]
    assert {one.whereabouts for one in found.partitions} == {Whereabouts.HOT}


@pytest.mark.parametrize(
    ("start", "end", "whereabouts"),
    [
        (10, 15, Whereabouts.HOT),
        (11, 15, Whereabouts.TRIMMED),
        (20, 30, Whereabouts.TRIMMED),
        (0, 14, Whereabouts.MISSING),
    ],
)
def test_it_is_said_where_the_records_are(start: int, end: int, whereabouts: Whereabouts) -> None:
    receipt = make_receipt(VIEW, 1, [(3, 10, 5)])

    found = find_receipt(receipt.receipt_id, VIEW, {3: start}, {3: end})

    assert [one.whereabouts for one in found.partitions] == [whereabouts]


def test_a_receipt_of_another_view_is_refused() -> None:
    receipt = make_receipt(VIEW, 1, [(0, 0, 1)])

    with pytest.raises(InvalidReceiptError, match="another view"):
        find_receipt(receipt.receipt_id, new_view_rid(), {0: 0}, {0: 1})


@given(data=st.data())
def test_a_changed_id_is_refused(data: st.DataObject) -> None:
    raw = bytearray(base64.urlsafe_b64decode(make_receipt(VIEW, 1, [(0, 5, 2)]).receipt_id + "=="))
    position = data.draw(st.integers(0, len(raw) - 1))
    raw[position] ^= data.draw(st.integers(1, 255))

    with pytest.raises(InvalidReceiptError):
        find_receipt(base64.urlsafe_b64encode(raw).decode().rstrip("="), VIEW, {0: 0}, {0: 9})


@pytest.mark.parametrize("text", ["", "a", "é", "!!!!", "A" * (RECEIPT_LENGTH_MAX + 1), "AAAA===="])
def test_what_is_no_id_is_refused(text: str) -> None:
    with pytest.raises(InvalidReceiptError):
        find_receipt(text, VIEW, {0: 0}, {0: 1})
