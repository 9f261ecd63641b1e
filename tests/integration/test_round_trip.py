"""What is read is what was pushed, for any schema and its records, through the server."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from fixtures.api import Api
from fixtures.doors import Door
from fixtures.schemas import Example, examples_for, schemas
from sluiceway.schema.types import StreamSchema

EXAMPLES = 60


@st.composite
def cases(draw: st.DrawFn) -> tuple[StreamSchema, list[Example], dict[str, Any]]:
    """A schema, records for it, and how the stream is kept."""
    schema = draw(schemas())
    examples = draw(st.lists(examples_for(schema), min_size=1, max_size=6))
    how = {
        "partitionsCount": draw(st.integers(1, 4)),
        "compressed": draw(st.booleans()),
    }
    return schema, examples, how


def _same(found: Any, wanted: Any) -> bool:
    """Compare as JSON texts, so that 1 is not 1.0 and true is not 1."""
    return json.dumps(found, sort_keys=True) == json.dumps(wanted, sort_keys=True)


@pytest.fixture(scope="module")
def project(api: Api) -> str:
    return api.new_project()


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(case=cases())
def test_what_is_read_is_what_was_pushed(
    api: Api, project: str, case: tuple[StreamSchema, list[Example], dict[str, Any]]
):
    schema, examples, how = case
    stream = api.new_stream(msgspec.to_builtins(schema), project, **how)
    wrapped = [{"value": example.sent} for example in examples]

    by_fast_door = Door.FAST.send(stream, "jsonRecords", wrapped)
    by_ordinary_door = Door.ORDINARY.publish(stream, *(example.sent for example in examples))

    assert by_fast_door.is_success, by_fast_door.text
    assert by_ordinary_door.is_success, by_ordinary_door.text
    places = by_fast_door.json()["offsetAndPartitionIds"]
    for example, place in zip(examples, places, strict=True):
        (record,) = stream.records(place["partitionId"], limit=1, start=place["offset"])
        assert _same(record["value"], example.canonical)
    everything = [value for part in range(how["partitionsCount"]) for value in stream.values(part)]
    wanted = [example.canonical for example in examples] * 2
    assert sorted(json.dumps(one, sort_keys=True) for one in everything) == sorted(
        json.dumps(one, sort_keys=True) for one in wanted
    )
