"""Bodies of calls that take JSON must not be declared as something else."""

import pytest

from fixtures.api import Api, assert_error


@pytest.mark.parametrize(
    "declared",
    ["text/plain", "application/x-www-form-urlencoded", "application/msgpack", "json", ""],
)
def test_another_media_type_is_refused(api: Api, declared: str):
    answer = api.post(
        "/api/v2/filesystem/resources/getBatch?preview=true",
        content=b"[]",
        headers={"Content-Type": declared},
    )

    assert assert_error(answer, 415, "Conjure:UnsupportedMediaType")["expected"] == (
        "application/json"
    )


@pytest.mark.parametrize(
    "declared", ["application/json", "application/json; charset=utf-8", "Application/JSON"]
)
def test_json_is_taken_however_it_is_written(api: Api, declared: str):
    answer = api.post(
        "/api/v2/filesystem/resources/getBatch?preview=true",
        content=b"[]",
        headers={"Content-Type": declared},
    )

    assert answer.status_code == 200, answer.text


def test_a_body_that_declares_nothing_is_taken_as_json(api: Api):
    answer = api.post("/api/v2/filesystem/resources/getBatch?preview=true", content=b"[]")

    assert "content-type" not in answer.request.headers
    assert answer.status_code == 200, answer.text
