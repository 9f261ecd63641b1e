"""A server with workers: connections that change hands, what is heard of changes, deaths."""

import json
import os
import signal
import threading
import time
from collections.abc import Iterator

import httpx
import psutil
import pytest

from fixtures.api import Api, StreamUnderTest, assert_error
from fixtures.doors import Wire, head, one, request
from fixtures.live import page_of
from fixtures.server import ServerProcess, sign_in, wait_until

RECORD = {"sensor_id": "a"}
TWO = {"SLUICEWAY_SERVER__WORKERS": "2"}


@pytest.fixture(scope="module")
def crew(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    """A server with two workers."""
    server = ServerProcess(tmp_path_factory.mktemp("crew") / "data", TWO).start()
    yield server
    assert server.stop() == 0
    assert "Traceback" not in server.errors, server.errors


@pytest.fixture(scope="module")
def boss(crew: ServerProcess) -> Iterator[Api]:
    api = Api(crew.url, sign_in(crew.url))
    yield api
    api.close()


@pytest.fixture
def log(boss: Api) -> StreamUnderTest:
    return boss.new_stream()


def workers_of(server: ServerProcess) -> list[psutil.Process]:
    children = psutil.Process(server.pid).children()
    return [one for one in children if one.status() != psutil.STATUS_ZOMBIE]


def publish(log: StreamUnderTest, number: int, *lines: bytes) -> bytes:
    return request(log.api, f"{log.fast}/publishRecord", one(number), *lines)


def numbers(log: StreamUnderTest) -> list[int]:
    return [int(value["sensor_id"]) for value in log.values()]


def holder(server: ServerProcess, wire: Wire) -> int:
    """Give the process id of whoever has the server's end of a connection."""
    own = wire.socket.getsockname()
    for process in [psutil.Process(server.pid), *workers_of(server)]:
        for connection in process.net_connections("tcp"):
            if connection.raddr and tuple(connection.raddr) == own:
                return process.pid
    raise AssertionError("nobody has it")


def test_a_connection_that_only_publishes_stays_with_its_worker(
    crew: ServerProcess, log: StreamUnderTest
):
    with Wire(crew) as wire:
        for number in range(20):
            assert wire.send(publish(log, number)).answer().status == 204

        assert holder(crew, wire) in {process.pid for process in workers_of(crew)}
    assert numbers(log) == list(range(20))


def test_a_refused_record_does_not_move_the_connection(crew: ServerProcess, log: StreamUnderTest):
    bad = request(log.api, f"{log.fast}/publishRecord", b'{"record":{"sensor_id":1}}')
    with Wire(crew) as wire:
        for _ in range(3):
            answer = wire.send(bad).answer()
            assert (answer.status, answer.error) == (400, "RecordDoesNotMatchStreamSchema")
            assert wire.send(publish(log, 1)).answer().status == 204

        assert holder(crew, wire) != crew.pid


def test_a_connection_publishes_and_reads_and_publishes(crew: ServerProcess, log: StreamUnderTest):
    ends = head(log.api, f"{log.fast}/getEndOffsets?preview=true", method=b"GET") + b"\r\n"
    with Wire(crew) as wire:
        assert wire.send(publish(log, 0)).answer().status == 204
        assert json.loads(wire.send(ends).answer().body) == {"0": 1}
        assert holder(crew, wire) == crew.pid
        assert wire.send(publish(log, 1)).answer().status == 204
        assert json.loads(wire.send(ends).answer().body) == {"0": 2}


@pytest.mark.parametrize("pieces", [1, 2, 7, 400])
def test_pipelined_requests_are_answered_in_their_order(
    crew: ServerProcess, log: StreamUnderTest, pieces: int
):
    ends = head(log.api, f"{log.fast}/getEndOffsets?preview=true", method=b"GET") + b"\r\n"
    sent = b"".join([publish(log, 0), publish(log, 1), ends, publish(log, 2), ends])
    size = -(-len(sent) // pieces)
    with Wire(crew) as wire:
        for start in range(0, len(sent), size):
            wire.send(sent[start : start + size])

        statuses = [wire.answer().status, wire.answer().status]
        first = json.loads(wire.answer("GET").body)
        statuses.append(wire.answer().status)
        second = json.loads(wire.answer("GET").body)

    assert (statuses, first, second) == ([204] * 3, {"0": 2}, {"0": 3})
    assert numbers(log) == [0, 1, 2]


def test_what_comes_while_an_answer_is_due_goes_along(crew: ServerProcess, log: StreamUnderTest):
    with Wire(crew) as wire:
        body = publish(log, 0)
        wire.send(body[:-3])
        wire.send(body[-3:], publish(log, 1), publish(log, 2)[:30])
        wire.send(publish(log, 2)[30:])

        assert [wire.answer().status for _ in range(3)] == [204] * 3
        assert holder(crew, wire) == crew.pid
    assert numbers(log) == [0, 1, 2]


def test_a_large_body_in_pieces_stays_with_its_worker(crew: ServerProcess, log: StreamUnderTest):
    records = [{"sensor_id": "x" * 1_000} for _ in range(5_000)]
    body = json.dumps({"records": records}).encode()
    whole = request(log.api, f"{log.fast}/publishRecords", body)
    with Wire(crew) as wire:
        for start in range(0, len(whole), 100_000):
            wire.send(whole[start : start + 100_000])

        assert wire.answer().status == 204
        assert holder(crew, wire) != crew.pid
    assert log.ends() == {"0": 5_000}


@pytest.mark.parametrize("over", [0, 1])
def test_the_largest_body_is_the_same(crew: ServerProcess, log: StreamUnderTest, over: int):
    size = 16 * 1_048_576 + over
    body = b'{"record":{"sensor_id":"a"}}'.ljust(size)
    with Wire(crew) as wire:
        answer = wire.send(request(log.api, f"{log.fast}/publishRecord", body)).answer()

    assert answer.status == (413 if over else 204)


def test_a_last_request_closes_the_connection(crew: ServerProcess, log: StreamUnderTest):
    with Wire(crew) as wire:
        answer = wire.send(publish(log, 0, b"Connection: close")).answer()

        assert (answer.status, answer.headers["connection"]) == (204, "close")
        assert wire.is_ended()


def test_records_after_a_reset_are_the_new_views(boss: Api, log: StreamUnderTest):
    for _ in range(20):
        assert log.publish(RECORD, RECORD).is_success
        boss.ok("POST", f"{log.path}/reset?preview=true", json={})
        assert log.publish(RECORD).is_success
        assert log.ends() == {"0": 1}


def test_a_role_counts_as_soon_as_the_change_is_answered(boss: Api, log: StreamUnderTest):
    user_id, somebody = boss.new_user()
    theirs = log.as_(somebody)
    principal = {"type": "principalIdOnly", "principalId": user_id}
    roles = f"/api/v2/filesystem/resources/{log.rid}/roles"
    for _ in range(20):
        boss.grant(log.rid, user_id, "editor")
        assert theirs.publish(RECORD).is_success
        body = {"roles": [{"resourceRolePrincipal": principal, "roleId": "editor"}]}
        boss.ok("POST", f"{roles}/remove", json=body)
        assert_error(theirs.publish(RECORD), 404, "StreamNotFound")


def test_metrics_and_statistics_are_those_of_all_processes(boss: Api, log: StreamUnderTest):
    def counted(name: str) -> float:
        lines = boss.get("/metrics").text.splitlines()
        return sum(float(line.rpartition(" ")[2]) for line in lines if line.startswith(name))

    answers = 'sluiceway_requests_total{call="publishRecords",status="204"}'
    refusals = 'sluiceway_rejected_total{error="RecordDoesNotMatchStreamSchema"}'
    time.sleep(1.5)  # Until then workers have told what they did for other tests.
    before = counted(answers), counted(refusals)
    with httpx.Client(headers=boss.headers) as client:
        url = f"{boss.url}{log.fast}/publishRecords"
        for _ in range(10):
            assert client.post(url, json={"records": [RECORD, RECORD]}).is_success
        for _ in range(4):
            client.post(url, json={"records": [{"sensor_id": 1}]})

    wait_until(lambda: counted(answers) == before[0] + 10)
    wait_until(lambda: counted(refusals) == before[1] + 4)
    page = f"{page_of(log)}/statistics?window=5m"
    wait_until(lambda: sum(boss.ok("GET", page)["series"]["records"]) == 20)
    wait_until(lambda: sum(boss.ok("GET", page)["series"]["rejected"].get("schema", [])) == 4)
    wait_until(lambda: counted("sluiceway_inflight_bytes") == 0)


def test_a_worker_that_dies_is_replaced_and_loses_nothing(own_server: ServerProcess):
    own_server.environment |= TWO
    own_server.start()
    token = sign_in(own_server.url)
    with Api(own_server.url, token) as api:
        log = api.new_stream()
        acknowledged: list[int] = []
        unclear: list[int] = []
        ended = threading.Event()

        def write() -> None:
            number = 0
            while not ended.is_set():
                number += 1
                try:
                    with Wire(own_server) as wire:
                        while not ended.is_set():
                            answer = wire.send(publish(log, number)).answer()
                            assert answer.status == 204, answer
                            acknowledged.append(number)
                            number += 1
                except (AssertionError, OSError):
                    unclear.append(number)

        writer = threading.Thread(target=write)
        writer.start()
        for _ in range(3):
            count = len(acknowledged)
            wait_until(lambda count=count: len(acknowledged) > count + 20, 30)
            old = {process.pid for process in wait_until(lambda: workers_of(own_server))}
            for process in old:
                os.kill(process, signal.SIGKILL)
            wait_until(lambda old=old: {w.pid for w in workers_of(own_server)} - old, 30)
        count = len(acknowledged)
        wait_until(lambda: len(acknowledged) > count + 20, 30)
        ended.set()
        writer.join(20)

        stored = numbers(log)
        assert stored == sorted(set(stored)), "in order, and none twice"
        assert set(acknowledged) <= set(stored) <= set(acknowledged) | set(unclear)
        assert unclear, "no connection was cut: nobody was killed in the middle of anything"
    assert own_server.stop() == 0
    assert "ended with -9; another one starts" in own_server.errors


def test_workers_end_with_their_server(own_server: ServerProcess):
    own_server.environment |= TWO
    workers = workers_of(own_server.start())
    port = own_server.port
    assert len(workers) == 2

    own_server.kill()

    _, alive = psutil.wait_procs(workers, 5)
    assert alive == []
    assert own_server.start(port).port == port


def test_a_server_that_stops_answers_what_is_in_progress(own_server: ServerProcess):
    own_server.environment |= TWO
    own_server.start()
    with Api(own_server.url, sign_in(own_server.url)) as api:
        log = api.new_stream()
        with Wire(own_server) as wire:
            assert wire.send(publish(log, 0)).answer().status == 204
            whole = publish(log, 1)
            wire.send(whole[:-5])
            wait_until(lambda: holder(own_server, wire) != own_server.pid)
            own_server.send_signal(signal.SIGTERM)
            time.sleep(0.5)
            answer = wire.send(whole[-5:]).answer()
            assert (answer.status, answer.headers["connection"]) == (204, "close")
    assert own_server.wait() == 0
    own_server.start()
    with Api(own_server.url, sign_in(own_server.url)) as api:
        assert numbers(log.as_(api)) == [0, 1]
    assert own_server.stop() == 0
