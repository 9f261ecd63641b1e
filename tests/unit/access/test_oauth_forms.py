"""Reading forms and client credentials."""

import base64
from urllib.parse import quote_plus, urlencode

import pytest
from authlib.oauth2.rfc6749 import InvalidRequestError
from hypothesis import given
from hypothesis import strategies as st

from fixtures.oauth import FORM, basic
from sluiceway.access.applications.secret import new_client_id, new_secret
from sluiceway.access.oauth.forms import (
    FORM_BYTES_MAX,
    FORM_FIELDS_MAX,
    Credentials,
    Message,
    parse_credentials,
    parse_form,
)


def parsed(body: bytes, content_type: str | None = FORM) -> dict[str, str]:
    return parse_form(Message(content_type, None, body))


@given(st.dictionaries(st.text(min_size=1), st.text(min_size=1), max_size=FORM_FIELDS_MAX))
def test_what_is_parsed_is_what_was_written(form: dict[str, str]) -> None:
    # A lone surrogate is no text that a client could send.
    sendable = {
        k: v for k, v in form.items() if (k + v).encode("utf-8", "ignore").decode() == k + v
    }

    assert parsed(urlencode(sendable).encode()) == sendable


@pytest.mark.parametrize("content_type", [f"{FORM};charset=UTF-8", FORM.upper(), f"{FORM} ; x=y"])
def test_parameters_and_case_of_the_media_type_do_not_matter(content_type: str) -> None:
    assert parsed(b"a=b", content_type) == {"a": "b"}


@pytest.mark.parametrize(
    "content_type", [None, "", "application/json", "multipart/form-data", "text/plain"]
)
def test_anything_but_a_form_is_refused(content_type: str | None) -> None:
    with pytest.raises(InvalidRequestError):
        parsed(b"a=b", content_type)


def test_a_field_without_a_value_counts_as_left_out() -> None:
    assert parsed(b"scope=&token=t&x") == {"token": "t"}


@pytest.mark.parametrize("body", [b"a=1&a=2", b"a=%ff", b"a=\xff", b"scope=\xc3\xa4"])
def test_repeated_fields_and_what_is_no_text_are_refused(body: bytes) -> None:
    with pytest.raises(InvalidRequestError):
        parsed(body)


def test_forms_are_bounded_in_bytes() -> None:
    assert parsed(b"a=" + b"b" * (FORM_BYTES_MAX - 2))

    with pytest.raises(InvalidRequestError):
        parsed(b"a=" + b"b" * (FORM_BYTES_MAX - 1))


def test_forms_are_bounded_in_fields() -> None:
    fields = [f"f{number}=v" for number in range(FORM_FIELDS_MAX + 1)]

    assert len(parsed("&".join(fields[:-1]).encode())) == FORM_FIELDS_MAX

    with pytest.raises(InvalidRequestError):
        parsed("&".join(fields).encode())


@given(st.text(min_size=1).filter(lambda text: ":" not in text), st.text(min_size=1))
def test_form_encoded_basic_credentials_are_read(client_id: str, secret: str) -> None:
    client_id, secret = (text.encode("utf-8", "replace").decode() for text in (client_id, secret))
    header = basic(quote_plus(client_id), quote_plus(secret))

    found = parse_credentials(header, {})

    assert found == Credentials("client_secret_basic", client_id, secret)


def test_raw_and_form_encoded_basic_are_the_same_for_our_secrets() -> None:
    for _ in range(100):
        client_id, secret = new_client_id(), new_secret()

        raw = parse_credentials(basic(client_id, secret), {})
        encoded = parse_credentials(
            basic(quote_plus(client_id), secret.replace("_", "%5F").replace("-", "%2d")), {}
        )

        assert raw == encoded == Credentials("client_secret_basic", client_id, secret)


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_the_case_of_the_scheme_does_not_matter(scheme: str) -> None:
    header = basic("id", "secret").replace("Basic", scheme)

    assert parse_credentials(header, {}).client_id == "id"


@pytest.mark.parametrize(
    "authorization",
    ["Basic", "Basic ", "Basic !", "Basic YQ", "Basic " + base64.b64encode(b":").decode()],
)
def test_unreadable_basic_credentials_are_nobodys(authorization: str) -> None:
    found = parse_credentials(authorization, {})

    assert (found.client_id, found.secret) == ("", "")


def test_a_header_of_another_scheme_is_not_looked_at() -> None:
    found = parse_credentials("Bearer t", {"client_id": "id", "client_secret": "s"})

    assert found == Credentials("client_secret_post", "id", "s")


def test_a_client_id_alone_is_a_client_without_a_secret() -> None:
    assert parse_credentials(None, {"client_id": "id"}) == Credentials("none", "id", "")


def test_the_client_id_may_stand_in_the_form_beside_basic() -> None:
    found = parse_credentials(basic("id", "s"), {"client_id": "id"})

    assert found.method == "client_secret_basic"


@pytest.mark.parametrize("form", [{"client_id": "other"}, {"client_secret": "s"}])
def test_two_sets_of_credentials_are_refused(form: dict[str, str]) -> None:
    with pytest.raises(InvalidRequestError):
        parse_credentials(basic("id", "s"), form)
