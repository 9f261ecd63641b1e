"""Where the records of a request lie, told without the records."""

from hypothesis import given
from hypothesis import strategies as st

from sluiceway.ingest.pending import offsets, order_of


@given(st.lists(st.integers(0, 3), min_size=1, max_size=50), st.integers(0, 2**40))
def test_each_record_is_told_where_its_batch_put_it(partitions: list[int], first: int) -> None:
    records = [{"n": n} for n in range(len(partitions))]
    parts: dict[int, list[dict[str, int]]] = {}
    for record, partition in zip(records, partitions, strict=True):
        parts.setdefault(partition, []).append(record)
    places = [(partition, first + partition, len(part)) for partition, part in parts.items()]

    found = offsets(order_of(records, list(parts.items())), places)

    assert [(one.partition_id, one.offset) for one in found] == [
        (partition, first + partition + parts[partition].index(record))
        for record, partition in zip(records, partitions, strict=True)
    ]
