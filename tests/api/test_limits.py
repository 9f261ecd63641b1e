"""Limits of principals and streams, on a real server, through both doors."""

import threading
import time
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from fixtures.applications import application
from fixtures.doors import Door, Wire, one, request
from fixtures.server import ServerProcess, sign_in, wait_until

PER_MINUTE, AT_ONCE = 60, 4
RECORD = {"sensor_id": "a"}


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with low limits for users, and for applications that act for themselves."""
    settings = {
        "SLUICEWAY_LIMITS__USER_REQUESTS_PER_MINUTE_MAX": str(PER_MINUTE),
        "SLUICEWAY_LIMITS__SERVICE_USER_CONCURRENT_REQUESTS_MAX": str(AT_ONCE),
    }
    process = ServerProcess(tmp_path_factory.mktemp("limited"), settings).start()
    yield process
    assert process.stop() == 0
    assert "Traceback" not in process.errors, process.errors


@pytest.fixture(scope="module")
def admin(limited: ServerProcess) -> Iterator[Api]:
    api = Api(limited.url, sign_in(limited.url))
    yield api
    api.close()


@pytest.fixture
def users(admin: Api) -> StreamUnderTest:
    """A stream, as a user that has not sent anything yet."""
    stream = admin.new_stream()
    user_id, own = admin.new_user()
    admin.grant(stream.rid, user_id, "editor")
    return stream.as_(own)


@pytest.fixture
def services(admin: Api) -> StreamUnderTest:
    """A stream, as an application that acts for itself and has not sent anything yet."""
    stream = admin.new_stream()
    app = application(admin, "api:use-streams-write", "api:use-streams-read")
    admin.grant(stream.rid, app.user_id, "editor")
    return stream.as_(app.api)


def test_the_requests_of_a_minute_are_taken_and_the_next_one_is_refused(
    users: StreamUnderTest, door: Door
):
    started = time.monotonic()
    taken = 0
    while (answer := door.publish(users, RECORD)).is_success:
        taken += 1
    refilled = int((time.monotonic() - started) * PER_MINUTE / 60) + 1

    assert PER_MINUTE <= taken <= PER_MINUTE + refilled
    parameters = assert_error(answer, 429, "RequestRateExceeded")
    assert parameters == {
        "scope": "principal",
        "requestsPerMinuteMax": PER_MINUTE,
        "retryAfterSeconds": 1,
        "retryable": True,
        "wroteNothing": True,
    }
    assert answer.json()["errorCode"] == "CUSTOM_CLIENT"
    assert answer.headers["x-ratelimit-limit"] == str(PER_MINUTE)
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert 58 <= int(answer.headers["x-ratelimit-reset"]) <= 60
    assert answer.headers["qos-due-to"] == "custom"
    assert "qos-retry-hint" not in answer.headers
    time.sleep(int(answer.headers["retry-after"]))
    assert door.publish(users, RECORD).is_success
    assert len(users.values()) == taken + 1


def test_a_limit_is_one_over_both_doors_and_all_tokens_of_a_user(
    limited: ServerProcess, admin: Api
):
    stream, person = admin.new_stream(), admin.new_person()
    admin.grant(stream.rid, person.id, "editor")
    tokens = [sign_in(limited.url, person.username, person.password) for _ in range(2)]
    own = [stream.as_(admin.as_(token)) for token in tokens]

    for number in range(PER_MINUTE):
        list(Door)[number % 2].publish(own[number // 2 % 2], RECORD)
    refused = [_until_refused(door, one_of) for door in Door for one_of in own]

    assert {answer.json()["errorName"] for answer in refused} == {"RequestRateExceeded"}


def _until_refused(door: Door, stream: StreamUnderTest) -> httpx.Response:
    return wait_until(lambda: answer if (answer := door.publish(stream, RECORD)).is_error else None)


def test_requests_in_one_write_are_refused_from_the_one_over_the_limit_on(
    limited: ServerProcess, services: StreamUnderTest
):
    assert services.publish(RECORD).is_success
    text = [
        request(services.api, f"{services.fast}/publishRecord", one(number)) for number in range(9)
    ]

    for count in (AT_ONCE, 9):
        with Wire(limited) as wire:
            wire.send(*text[:count])
            statuses = [wire.answer().status for _ in range(count)]
        assert statuses == [204] * AT_ONCE + [429] * (count - AT_ONCE)

    assert [value["sensor_id"] for value in services.values()] == ["a", *"0123", *"0123"]


def _hammer(stream: StreamUnderTest, door: Door, clients: int, each: int) -> Counter[int]:
    """Publish from so many clients at once; give how often each status was answered."""
    statuses: Counter[int] = Counter()

    def publish() -> None:
        own = stream.as_(Api(stream.api.url, stream.api.token))
        found = Counter(door.publish(own, RECORD).status_code for _ in range(each))
        own.api.close()
        statuses.update(found)

    threads = [threading.Thread(target=publish) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def test_as_many_clients_as_may_publish_at_once_are_never_refused(
    services: StreamUnderTest, door: Door
):
    assert _hammer(services, door, AT_ONCE, 40) == {204: AT_ONCE * 40}


def test_more_are_refused_and_what_was_refused_is_not_stored(services: StreamUnderTest, door: Door):
    statuses: Counter[int] = Counter()
    while not statuses[429] and statuses[204] < 5_000:
        statuses.update(_hammer(services, door, AT_ONCE * 5, 20))

    assert set(statuses) == {204, 429}
    assert len(services.values()) == statuses[204]
    assert _hammer(services, door, AT_ONCE, 5) == {204: AT_ONCE * 5}


def test_requests_that_fail_or_are_left_do_not_count_for_ever(
    limited: ServerProcess, services: StreamUnderTest, door: Door
):
    path = f"{services.fast}/publishRecord"
    for _ in range(AT_ONCE * 2):
        assert door.publish(services, {"sensor_id": 5}).status_code == 400
        with Wire(limited) as wire:
            wire.send(request(services.api, path, one(1), door=door))

    wait_until(lambda: _hammer(services, door, AT_ONCE, 5) == {204: AT_ONCE * 5})


def test_an_application_that_acts_for_itself_has_no_limit_on_its_rate(
    services: StreamUnderTest, door: Door
):
    for _ in range(PER_MINUTE * 2):
        assert door.publish(services, RECORD).is_success


def test_what_is_refused_is_counted_by_its_reason(admin: Api, users: StreamUnderTest):
    for _ in range(PER_MINUTE):
        users.publish(RECORD)
    _until_refused(Door.FAST, users)

    assert 'sluiceway_rejected_total{error="RequestRateExceeded"}' in admin.get("/metrics").text


def test_other_calls_are_not_limited(users: StreamUnderTest):
    for _ in range(PER_MINUTE):
        users.publish(RECORD)
    _until_refused(Door.FAST, users)

    for _ in range(PER_MINUTE):
        users.ends()
