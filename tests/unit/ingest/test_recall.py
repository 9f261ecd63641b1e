"""Heads of requests that were admitted before: known to the last byte, or not at all."""

from typing import Any, cast

import pytest

from fixtures.filesystem import caller_of
from sluiceway.access.caller import PrincipalId
from sluiceway.foundation.rids import new_dataset_rid
from sluiceway.ingest import recall
from sluiceway.ingest.recall import HEAD_BYTES_MAX, Admission, HeadMemory
from sluiceway.ingest.types import BranchTarget, Call
from sluiceway.schema.shapes import Shape

HEAD = b"POST /x HTTP/1.1\r\nAuthorization: Bearer t\r\nContent-Length: 4\r\n\r\n"


def known(body_bytes: int = 4, *, generation: int = 1, until: float = 10.0) -> Admission:
    target = BranchTarget(new_dataset_rid(), "master")
    stream: Any = cast("Any", object())
    return Admission(
        Call.PUBLISH_RECORD,
        target,
        Shape.RECORD,
        body_bytes,
        stream,
        caller_of(PrincipalId("a")),
        generation=generation,
        until=until,
    )


@pytest.fixture
def memory() -> HeadMemory:
    made = HeadMemory()
    made.learn(HEAD + b"aaaa", known())
    return made


def test_the_same_head_is_known_with_another_body(memory: HeadMemory):
    assert memory.recall(HEAD + b"bbbb") is not None


@pytest.mark.parametrize(
    "data",
    [
        HEAD + b"bbb",
        HEAD + b"bbbbb",
        HEAD,
        HEAD[:-2] + b"X: 1\r\n\r\nbbbb",
        HEAD.replace(b"Bearer t", b"Bearer u") + b"bbbb",
        HEAD.replace(b"POST", b"post") + b"bbbb",
        HEAD[:-4],
        b"",
        b"\r\n\r\n",
    ],
)
def test_anything_else_is_not(memory: HeadMemory, data: bytes):
    assert memory.recall(data) is None


@pytest.mark.parametrize(
    ("generation", "now", "holds"),
    [
        pytest.param(1, 9.9, True, id="as it was"),
        pytest.param(2, 9.9, False, id="tokens, roles or streams changed"),
        pytest.param(1, 10.0, False, id="the token ended"),
    ],
)
def test_an_admission_holds_while_nothing_changed(generation: int, now: float, holds: bool):  # noqa: FBT001 - a table
    assert known().holds(generation, now) is holds


def test_a_known_head_begins_only_whole_requests(memory: HeadMemory):
    found = memory.recall(HEAD + b"bbbb")

    assert found is not None
    assert found.begins(HEAD + b"cccc")
    for data in (HEAD + b"ccc", HEAD + b"ccccc", HEAD.replace(b"t", b"u") + b"cccc", b""):
        assert not found.begins(data)


def test_what_is_not_one_whole_request_is_not_learned():
    memory = HeadMemory()
    for data in (HEAD + b"aaa", HEAD + b"aaaa" + HEAD + b"aaaa", HEAD):
        memory.learn(data, known())

    assert memory.recall(HEAD + b"aaaa") is None


@pytest.mark.parametrize(
    ("size", "is_learned"), [(HEAD_BYTES_MAX, True), (HEAD_BYTES_MAX + 1, False)]
)
def test_a_head_over_the_bound_is_not_learned(size: int, is_learned: bool):  # noqa: FBT001 - a table
    memory, start = HeadMemory(), b"POST /x HTTP/1.1\r\nX: "
    head = start + b"x" * (size - len(start) - 4) + b"\r\n\r\n"

    memory.learn(head + b"aaaa", known())

    assert (memory.recall(head + b"aaaa") is not None) is is_learned


def test_the_oldest_head_goes_when_there_are_too_many():
    memory = HeadMemory()
    heads = [HEAD.replace(b"/x", f"/{number}".encode()) for number in range(recall.HEADS_MAX + 1)]

    for head in heads:
        memory.learn(head + b"aaaa", known())

    assert memory.recall(heads[0] + b"aaaa") is None
    assert memory.recall(heads[1] + b"aaaa") is not None
    assert memory.recall(heads[-1] + b"aaaa") is not None
