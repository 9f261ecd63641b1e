"""Wire types of schemas: Foundry's JSON, to the letter."""

import msgspec
import pytest
from foundry_sdk.v2.core import models as foundry
from hypothesis import given
from pydantic import TypeAdapter

from fixtures.schemas import schemas
from sluiceway.schema.types import StreamSchema

EXAMPLE = b"""{
  "fields": [
    {"name": "timestamp", "schema": {"nullable": false, "dataType": {"type": "timestamp"}, "customMetadata": {"a": [1]}}},
    {"name": "value", "schema": {"nullable": true, "dataType": {"type": "decimal", "precision": 10}}},
    {"name": "tags", "schema": {"nullable": true, "dataType": {"type": "map",
      "keySchema": {"nullable": false, "dataType": {"type": "string"}},
      "valueSchema": {"nullable": true, "dataType": {"type": "array",
        "itemsSchema": {"nullable": true, "dataType": {"type": "struct", "subFields": [
          {"name": "x", "schema": {"nullable": true, "dataType": {"type": "byte"}}}]}}}}}}},
    {"name": "isDeleted", "schema": {"nullable": false, "dataType": {"type": "boolean"}}}
  ],
  "keyFieldNames": ["timestamp"],
  "changeDataCapture": {"type": "fullRow", "deletionFieldName": "isDeleted", "orderingFieldName": "timestamp"}
}"""


def test_a_schema_is_written_as_it_was_read():
    schema = msgspec.json.decode(EXAMPLE, type=StreamSchema)

    assert msgspec.json.decode(msgspec.json.encode(schema)) == msgspec.json.decode(EXAMPLE)


def test_what_may_be_left_out_may_be_null():
    text = b'{"fields":[{"name":"a","schema":{"nullable":true,"dataType":{"type":"string"},"customMetadata":null}}],"keyFieldNames":null,"changeDataCapture":null}'

    schema = msgspec.json.decode(text, type=StreamSchema)

    assert b":null" not in msgspec.json.encode(schema)


@pytest.mark.parametrize(
    "text",
    [
        b'{"fields":[],"keyFields":["a"]}',
        b'{"fields":[{"name":"a","schema":{"dataType":{"type":"string"}}}]}',
        b'{"fields":[{"name":"a","schema":{"nullable":true,"dataType":{"type":"geohash"}}}]}',
        b'{"fields":[{"name":"a","schema":{"nullable":true,"dataType":"string"}}]}',
        b'{"fields":[{"name":"a","schema":{"nullable":true,"dataType":{"type":"decimal","precision":"9"}}}]}',
        b'{"fields":[],"changeDataCapture":{"type":"other"}}',
    ],
)
def test_what_is_no_schema_is_refused(text):
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(text, type=StreamSchema)


@given(schema=schemas())
def test_the_official_sdk_reads_and_writes_every_schema(schema):
    sdk = TypeAdapter(foundry.StreamSchema)

    theirs = sdk.validate_json(msgspec.json.encode(schema))

    text = sdk.dump_json(theirs, by_alias=True, exclude_none=True)
    assert msgspec.json.decode(text, type=StreamSchema) == schema
