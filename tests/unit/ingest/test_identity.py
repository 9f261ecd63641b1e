"""What a request says of itself: read as it is meant, or refused."""

import pytest

from sluiceway.foundation.request_errors import InvalidArgumentError
from sluiceway.ingest.identity import (
    NAME_LENGTH_MAX,
    NUMBER_MAX,
    ProducerPosition,
    RequestKey,
    read_identity,
)


def test_without_headers_there_is_none() -> None:
    assert read_identity(None, None, None, None) is None


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ('"8e03978e-40d5"', "8e03978e-40d5"),
        ("8e03978e-40d5", "8e03978e-40d5"),
        (r'"a \"b\" \\ c"', r'a "b" \ c'),
        (' "a"  ', "a"),
        ("x" * NAME_LENGTH_MAX, "x" * NAME_LENGTH_MAX),
    ],
)
def test_a_key_may_be_in_quotes_or_not(header: str, key: str) -> None:
    assert read_identity(header, None, None, None) == RequestKey(key)


@pytest.mark.parametrize(
    "header",
    ["", '""', "a b", "é", 'a"b', '"a', r'"\a"', '"a";p=1', "x" * (NAME_LENGTH_MAX + 1), "a\x7f"],
)
def test_what_is_no_key_is_refused(header: str) -> None:
    with pytest.raises(InvalidArgumentError):
        read_identity(header, None, None, None)


def test_a_position_is_read() -> None:
    found = read_identity(None, "gateway-7", "3", str(NUMBER_MAX))

    assert found == ProducerPosition("gateway-7", 3, NUMBER_MAX)


@pytest.mark.parametrize(
    ("producer", "epoch", "seq"),
    [
        ("", "0", "0"),
        ("a b", "0", "0"),
        ("a", "-1", "0"),
        ("a", "01", "0"),
        ("a", "0", "1.0"),
        ("a", "0", ""),
        ("a", "0", "٣"),
        ("a", "0", str(NUMBER_MAX + 1)),
        (None, "0", "0"),
        ("a", None, "0"),
        ("a", "0", None),
    ],
)
def test_what_is_no_position_is_refused(
    producer: str | None, epoch: str | None, seq: str | None
) -> None:
    with pytest.raises(InvalidArgumentError):
        read_identity(None, producer, epoch, seq)


def test_a_key_and_a_position_do_not_go_together() -> None:
    with pytest.raises(InvalidArgumentError, match="not both"):
        read_identity("a", "p", "0", "0")
