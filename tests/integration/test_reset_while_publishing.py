"""A stream is reset, trashed or deleted for ever while others publish to it and read it."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Self

import httpx

from fixtures.api import Api, StreamUnderTest

RESETS = 25


class Busy:
    """Calls that go on in threads until they are told to stop, and what they were answered."""

    def __init__(self, *calls: Callable[[int], httpx.Response]) -> None:
        self.answers: Counter[tuple[int, str]] = Counter()
        self.accepted: list[tuple[float, int]] = []
        """When a call was made that was answered with success, and its number."""
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._number = 0
        self._threads = [threading.Thread(target=self._run, args=(call,)) for call in calls]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(30)

    def _run(self, call: Callable[[int], httpx.Response]) -> None:
        while not self._stop.is_set():
            with self._lock:
                self._number += 1
                number = self._number
            began = time.monotonic()
            answer = call(number)
            name = "" if answer.is_success else answer.json()["errorName"]
            with self._lock:
                self.answers[answer.status_code, name] += 1
                if answer.is_success:
                    self.accepted.append((began, number))


def doors(api: Api, stream: StreamUnderTest) -> list[Callable[[int], httpx.Response]]:
    """Give ways to publish a record with a number: through both doors, cold and warm."""

    def fast(number: int) -> httpx.Response:
        return stream.publish({"sensor_id": str(number)})

    def chunked(number: int) -> httpx.Response:
        body = b'{"record":{"sensor_id":"%d"}}' % number
        return api.post(
            f"{stream.fast}/publishRecord",
            content=iter([body]),
            headers={"Content-Type": "application/json"},
        )

    return [fast, fast, fast, chunked]


def test_records_acknowledged_after_a_reset_are_in_the_new_view(api: Api) -> None:
    stream = api.new_stream()

    with Busy(*doors(api, stream)) as busy:
        for _ in range(RESETS):
            api.ok("POST", f"{stream.path}/reset?preview=true", json={})
        reset = time.monotonic()
        time.sleep(0.2)

    assert set(busy.answers) <= {(204, ""), (404, "ViewNotFound")}
    stored = Counter(value["sensor_id"] for value in stream.values())
    acknowledged = {str(number) for began, number in busy.accepted if began > reset}
    assert acknowledged
    assert acknowledged <= set(stored)
    assert set(stored.values()) == {1}


def test_reading_during_resets_is_never_a_fault(api: Api) -> None:
    stream = api.new_stream()
    subscribers = f"{stream.path}/subscribers"
    api.ok("POST", f"{subscribers}?preview=true", json={"subscriberId": stream.rid})
    reader = f"{stream.fast}/subscribers/{stream.rid}"

    def records(_: int) -> httpx.Response:
        return api.get(f"{stream.fast}/getRecords?partitionId=0&limit=10&preview=true")

    def latest(_: int) -> httpx.Response:
        return api.get(f"{stream.proxy}/records")

    def subscriber(_: int) -> httpx.Response:
        return api.post(f"{reader}/readRecords?preview=true", json={"autoCommit": True})

    with Busy(records, latest, subscriber, *doors(api, stream)) as busy:
        for _ in range(RESETS):
            api.ok("POST", f"{stream.path}/reset?preview=true", json={})

    assert set(busy.answers) <= {(200, ""), (204, ""), (404, "ViewNotFound")}


def test_publishing_ends_with_a_clear_error_when_the_stream_goes(api: Api) -> None:
    stream = api.new_stream()
    resource = f"/api/v2/filesystem/resources/{stream.rid}"

    with Busy(*doors(api, stream)) as busy:
        time.sleep(0.1)
        api.ok("DELETE", f"{resource}?preview=true")
        time.sleep(0.1)
        api.ok("POST", f"{resource}/permanentlyDelete?preview=true")
        time.sleep(0.1)

    assert set(busy.answers) <= {
        (204, ""),
        (400, "CannotWriteToTrashedStream"),
        (404, "StreamNotFound"),
        (404, "ViewNotFound"),
    }
    assert busy.answers[404, "StreamNotFound"]
