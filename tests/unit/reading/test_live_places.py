"""Ids of events: what they say, and which are refused."""

import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sluiceway.foundation.rids import ViewRid
from sluiceway.reading.errors import InvalidLastEventIdError
from sluiceway.reading.live.places import ID_LENGTH_MAX, check_place, parse_place, place_id
from sluiceway.streams.types import View

LOCATOR = "6a01f6b8-0d42-4c2f-9f0a-2a8b8f4d9c11"


def view_of(partitions: int, locator: str = LOCATOR) -> View:
    return View(
        view_rid=ViewRid(f"ri.a.b.c.{locator}"),  # type: ignore[arg-type]  # a made-up RID
        dataset_rid=None,  # type: ignore[arg-type]  # not looked at
        branch_name="master",
        schema=None,  # type: ignore[arg-type]  # not looked at
        partitions=partitions,
        stream_type=None,  # type: ignore[arg-type]  # not looked at
        compressed=False,
        created_ms=0,
    )


@given(positions=st.lists(st.integers(0, 2**62), min_size=1, max_size=30), part=st.integers(0, 29))
def test_an_id_gives_back_its_positions(positions: list[int], part: int):
    view, ends = view_of(len(positions)), dict(enumerate(positions))
    number = part % len(positions)

    whole = place_id(view.view_rid, positions, None).decode()
    one = place_id(view.view_rid, positions, number).decode()

    place = parse_place(whole, view)
    assert place.offsets == ends
    check_place(whole, place, view, ends, None)
    check_place(whole, place, view, ends, number)
    place = parse_place(one, view)
    assert place.offsets == {number: positions[number]}
    check_place(one, place, view, ends, number)


def test_an_id_that_is_too_long_is_not_given():
    view = view_of(1)
    fits = [0] * ((ID_LENGTH_MAX - len(f"{LOCATOR}:") + 1) // 2)

    assert len(place_id(view.view_rid, fits, None)) == ID_LENGTH_MAX
    assert parse_place(place_id(view.view_rid, fits, None).decode(), view)
    assert place_id(view.view_rid, [*fits, 0], None) == b""
    assert place_id(view.view_rid, [*fits, 0], 0) == f"{LOCATOR}:0=0".encode()


@given(text=st.text(max_size=60) | st.text("0123456789,:=v-٣²", max_size=60))
def test_any_text_is_an_id_or_is_refused(text: str):
    for candidate in (text, f"{LOCATOR}:{text}"):
        try:
            place = parse_place(candidate, view_of(2))
        except InvalidLastEventIdError:
            continue
        assert all(offset >= 0 for offset in place.offsets.values())


@pytest.mark.parametrize(
    "text",
    ["", ":", "v1:0", f"{LOCATOR}", f"{LOCATOR}:", f"{LOCATOR}:01", f"{LOCATOR}:1,",
     f"{LOCATOR}:-1", f"{LOCATOR}:1=", f"{LOCATOR}:=1", f"{LOCATOR}:1=2,3", f"{LOCATOR}:٣",
     f"{LOCATOR}:1 ", f"{LOCATOR}:{10**19}", LOCATOR + ":" + "0," * 2_040 + "0"],
)  # fmt: skip
def test_what_has_not_the_form_is_refused(text: str):
    with pytest.raises(InvalidLastEventIdError):
        parse_place(text, view_of(1))


@pytest.mark.parametrize(
    ("offsets", "partition", "is_taken"),
    [
        ("5,7", None, True),
        ("5,7", 1, True),
        ("6,7", None, False),
        ("5,8", None, False),
        ("5,8", 0, False),
        ("5", None, False),
        ("5,7,0", None, False),
        ("1=7", 1, True),
        ("1=8", 1, False),
        ("1=7", 0, False),
        ("1=7", None, False),
        ("2=0", None, False),
    ],
)
def test_an_id_is_held_against_the_view(offsets: str, partition: int | None, *, is_taken: bool):
    view, text = view_of(2), f"{LOCATOR}:{offsets}"
    place = parse_place(text, view)

    try:
        check_place(text, place, view, {0: 5, 1: 7}, partition)
    except InvalidLastEventIdError:
        assert not is_taken
    else:
        assert is_taken


def test_an_id_of_another_view_is_told_apart():
    other = str(uuid.UUID(int=7))

    assert parse_place(f"{other}:1,2,3", view_of(1)).locator == other
