"""Publishing, by every call."""

import pytest
from fixtures.api import Api, StreamUnderTest, assert_error, field, schema


def test_what_is_published_is_read_back(stream: StreamUnderTest):
    answer = stream.publish({"sensor_id": "sensor4", "temperature": 4.132, "created_at": 7})

    assert (answer.status_code, answer.content) == (204, b"")
    assert stream.records() == [
        {"offset": 0, "value": {"sensor_id": "sensor4", "temperature": 4.132, "created_at": 7}}
    ]
