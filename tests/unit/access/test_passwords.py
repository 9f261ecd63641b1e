"""Checking a password takes as long whether or not there is one to check against."""

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import VerifyMismatchError

from sluiceway.access.principals import passwords
from sluiceway.access.principals.passwords import Passwords, hash_of_nothing

CHEAP = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1)


@pytest.mark.parametrize("hasher", [CHEAP, PasswordHasher()])
def test_what_stands_for_no_password_costs_what_a_hash_costs(hasher: PasswordHasher) -> None:
    nothing = hash_of_nothing(hasher)

    assert extract_parameters(nothing) == extract_parameters(hasher.hash("any"))
    # A text that is no hash would be refused at once, with another error.
    with pytest.raises(VerifyMismatchError):
        hasher.verify(nothing, "any")


async def test_a_check_without_a_hash_is_a_check_of_no_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    checked: list[str] = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher,
        "verify",
        lambda self, kept, given: checked.append(kept) or verify(self, kept, given),
    )
    checker = Passwords(hasher=CHEAP)
    too_long = "x" * (passwords.PASSWORD_LENGTH_MAX + 1)

    assert not await checker.matches("any password", None)
    assert not await checker.matches(too_long, CHEAP.hash("any password"))
    assert [extract_parameters(kept) for kept in checked] == [
        extract_parameters(hash_of_nothing(CHEAP))
    ] * 2


def test_no_two_stand_ins_are_equal() -> None:
    assert hash_of_nothing(CHEAP) != hash_of_nothing(CHEAP)
