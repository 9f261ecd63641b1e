"""Names of resources: the keys by which databases find and sort them."""

from hypothesis import given
from hypothesis import strategies as st

from sluiceway.filesystem.names import name_key, split_path

names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=700)


@given(one=names, other=names)
def test_two_names_have_one_key_only_if_they_are_the_same(one: str, other: str) -> None:
    assert (name_key(one) == name_key(other)) is (one == other)


@given(name=names)
def test_a_key_is_short_and_a_short_name_is_its_own(name: str) -> None:
    assert len(name_key(name)) <= 160
    assert len(name) > 160 or name_key(name) == name


@given(parts=st.lists(st.text(st.characters(exclude_characters="/\x00"), min_size=1), min_size=1))
def test_a_path_is_cut_into_the_names_that_it_was_made_of(parts: list[str]) -> None:
    assert split_path("/" + "/".join(parts)) == parts
    assert split_path("/".join(parts)) == parts
