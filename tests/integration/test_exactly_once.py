"""Senders that repeat until they are answered, over a network that fails, to a server that dies.

Whatever happens, each request is stored exactly once, as a whole and in its sender's order. Some
senders name each request with an ``Idempotency-Key``, others number theirs as a producer, and of
these some wait for each answer and some do not.
"""

import random
import threading
import time
from collections import Counter

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, field, schema
from fixtures.cutting import Cut, CuttingProxy
from fixtures.senders import TRY_SECONDS, Identity, Pipeline, Producer, Sender
from fixtures.server import ServerProcess, sign_in

KINDS = (Sender, Producer, Pipeline)
SENDERS_OF_A_KIND = 2
PARTITIONS = 3
RECORD = schema(
    field("sender", "string", nullable=False),
    field("number", "integer", nullable=False),
    field("pad", "string"),
    keys=["sender", "number"],
)


def _stored(stream: StreamUnderTest) -> dict[Identity, int]:
    """Give the partition of each record; checks that none is twice and that orders are kept."""
    partitions: dict[Identity, int] = {}
    ends = stream.ends()
    for partition in range(PARTITIONS):
        start = 0
        newest: dict[str, int] = {}
        while records := stream.records(partition, start=start):
            for record in records:
                value = record["value"]
                identity = (value["sender"], value["number"])
                assert record["offset"] == start, "offsets are dense"
                assert identity not in partitions, f"{identity} is stored twice"
                assert value["number"] > newest.get(value["sender"], -1), "a sender's order is kept"
                newest[value["sender"]] = value["number"]
                partitions[identity] = partition
                start += 1
        assert ends[str(partition)] == start
    return partitions


def _check(stored: dict[Identity, int], senders: list[Sender]) -> None:
    """Compare what is stored with what was sent; every request has been answered."""
    sent = [identity for sender in senders for request in sender.sent for identity in request]
    missing = [identity for identity in sent if identity not in stored]
    assert missing == [], "a request is not stored, or in part"
    assert len(stored) == len(sent), "there is a record that nobody sent"
    for sender in senders:
        for number, places in sender.places.items():
            found = Counter(stored[identity] for identity in sender.sent[number])
            assert found == places, "the records are not where the receipt said"


def _run_through_kills(
    server: ServerProcess,
    proxy: CuttingProxy,
    senders: list[Sender],
    chance: random.Random,
    rounds: int,
) -> None:
    """Let all senders send while the server is killed *rounds* times, then let them finish."""
    stop = threading.Event()
    threads = [threading.Thread(target=sender.work, args=(stop,)) for sender in senders]
    for thread in threads:
        thread.start()
    try:
        for _ in range(rounds):
            time.sleep(chance.uniform(0.1, 1.0))
            server.kill()
            time.sleep(chance.uniform(0, 0.2))
            proxy.server_port = server.start().port
        time.sleep(0.5)
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.timeout(3_600)
def test_a_request_that_is_sent_until_it_is_answered_is_stored_exactly_once(
    own_server: ServerProcess, request: pytest.FixtureRequest
):
    rounds: int = request.config.getoption("exactly_once_rounds")
    seed: int = request.config.getoption("exactly_once_seed") or random.SystemRandom().randrange(
        1, 2**32
    )
    print(f"--exactly-once-seed {seed} --exactly-once-rounds {rounds}")  # noqa: T201 - shown when it fails
    chance = random.Random(seed)
    own_server.start()
    with Api(own_server.url, sign_in(own_server.url)) as api:
        stream = api.new_stream(RECORD, partitionsCount=PARTITIONS)
    senders: list[Sender] = []

    with CuttingProxy(seed) as proxy:
        proxy.server_port = own_server.port
        for kind in KINDS:
            for number in range(SENDERS_OF_A_KIND):
                caller = Api(proxy.url, api.token)
                caller.timeout = httpx.Timeout(TRY_SECONDS)
                name, own_chance = f"{kind.__name__}-{number}", random.Random(chance.random())
                senders.append(kind(name, stream.as_(caller), own_chance))
        _run_through_kills(own_server, proxy, senders, chance, rounds)
        for sender in senders:
            sender.stream.api.close()

    facts: Counter[str] = sum((sender.facts for sender in senders), Counter())
    print(dict(facts), {cut.value: count for cut, count in proxy.cuts.items()})  # noqa: T201 - the figures of a long run
    assert [sender.problem for sender in senders if sender.problem] == []
    with Api(own_server.url, api.token) as after:
        _check(_stored(stream.as_(after)), senders)
    assert own_server.stop() == 0
    assert "Traceback" not in own_server.errors, own_server.errors
    # The run was one of failures: every kind of cut came, and stored requests were sent again.
    assert set(proxy.cuts) == set(Cut) - {Cut.NEVER}
    assert facts["answered as stored before"] > 0
