"""Page tokens: ours are read, all others are refused."""

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluiceway.foundation.paging import next_page_token, parse_page
from sluiceway.foundation.request_errors import InvalidPageTokenError


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=150))
def test_a_token_says_where_the_next_page_starts(after: str) -> None:
    assert parse_page(None, next_page_token(after)).after == after


@given(st.text(max_size=30))
def test_any_other_text_is_refused_or_read(text: str) -> None:
    with contextlib.suppress(InvalidPageTokenError):
        parse_page(None, text)


@pytest.mark.parametrize(
    "content", [b"1:a\x00", b"2:a", b"1", b"", b"1:\xff", b"1:" + b"a" * 2_000]
)
def test_what_this_server_cannot_have_given_is_refused(content: bytes) -> None:
    token = base64.urlsafe_b64encode(content).decode().rstrip("=")

    with pytest.raises(InvalidPageTokenError):
        parse_page(None, token)
