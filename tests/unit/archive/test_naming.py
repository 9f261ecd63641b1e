"""Names of tables: readable, safe in every engine, and no other's."""

import re

import pytest

from fixtures.streams import ONE_FIELD
from sluiceway.archive.naming import table_name
from sluiceway.foundation.rids import DatasetRid, Rid, ViewRid
from sluiceway.streams.types import StreamType, View


def view(branch: str = "master", locator: str = "0a1B2c3d-4e5f-6789-0abc-def012345678") -> View:
    return View(
        view_rid=ViewRid(Rid(f"ri.foundry-streaming.main.view.{locator}")),
        dataset_rid=DatasetRid(Rid("ri.foundry.main.dataset.1")),
        branch_name=branch,
        schema=ONE_FIELD,
        partitions=1,
        stream_type=StreamType.LOW_LATENCY,
        compressed=False,
        created_ms=0,
    )


@pytest.mark.parametrize(
    ("display_name", "branch", "expected"),
    [
        ("Orders", "master", "orders_master_0a1b2c3d4e5f"),
        ("  Sensor readings (2026) ", "feature/x", "sensor_readings_2026_feature_x_0a1b2c3d4e5f"),
        ("Ünïcode", "master", "unicode_master_0a1b2c3d4e5f"),
        ("数据", "分支", "stream_stream_0a1b2c3d4e5f"),
        ("2026", "master", "s_2026_master_0a1b2c3d4e5f"),
        ("", "", "stream_stream_0a1b2c3d4e5f"),
        ('"; drop table x', "../..", "drop_table_x_stream_0a1b2c3d4e5f"),
    ],
)
def test_a_name_is_made_of_dataset_branch_and_view(
    display_name: str, branch: str, expected: str
) -> None:
    name = table_name("sluiceway", display_name, view(branch))

    assert str(name) == f"sluiceway.{expected}"


def test_a_name_is_short_and_plain_whatever_the_dataset_is_called() -> None:
    name = table_name("n", "x" * 500, view("y" * 500)).name

    assert len(name) < 100
    assert re.fullmatch("[a-z][a-z0-9_]*", name)
