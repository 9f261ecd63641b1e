"""A server that is killed again and again loses nothing that it acknowledged.

Writers note each acknowledged record. Two kinds of calls are used: one tells where the records
lie, the other only that they are stored. A request without an answer may be stored or not, whole.
"""

import random
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, schema
from fixtures.api import field as column
from fixtures.doors import Door
from fixtures.server import ServerProcess, sign_in, wait_until

WRITERS = 6
PARTITIONS = 3
KEYS = 5
RECORD = schema(
    column("key", "string", nullable=False),
    column("writer", "integer", nullable=False),
    column("number", "integer", nullable=False),
    column("pad", "string"),
    keys=["key"],
)

Identity = tuple[int, int]
"""The writer of a record and its running number there."""


@dataclass
class Notes:
    """What one writer knows of its records."""

    writer: int
    number: int = 0
    acknowledged: list[list[Identity]] = field(default_factory=list)
    unclear: list[list[Identity]] = field(default_factory=list)
    places: dict[Identity, tuple[int, int]] = field(default_factory=dict)
    """Partition and offset, where the answer told them."""
    refusals: list[str] = field(default_factory=list)

    def records(self, chance: random.Random) -> list[dict[str, Any]]:
        """Make the next request's records."""
        first, self.number = self.number, self.number + chance.randint(1, 12)
        return [
            {
                "key": f"{self.writer}/{number % KEYS}",
                "writer": self.writer,
                "number": number,
                "pad": "x" * chance.randint(0, 300),
            }
            for number in range(first, self.number)
        ]

    def write(self, stream: StreamUnderTest, chance: random.Random) -> None:
        """Publish until the server is gone."""
        while True:
            records = self.records(chance)
            batch = [(self.writer, record["number"]) for record in records]
            door = chance.choice(list(Door))
            try:
                if tells := chance.random() < 0.5:
                    body = [{"value": record} for record in records]
                    answer = door.send(stream, "jsonRecords", body)
                else:
                    answer = door.publish(stream, *records)
            except httpx.TransportError:
                self.unclear.append(batch)
                return
            if answer.status_code == 503 and "process that has it is gone" in answer.text:
                # A worker says so before it ends too; without it that is a cut connection.
                if not answer.json()["parameters"]["wroteNothing"]:
                    self.unclear.append(batch)
                return
            if not answer.is_success:
                self.refusals.append(answer.text)
                return
            self.acknowledged.append(batch)
            if tells:
                places = answer.json()["offsetAndPartitionIds"]
                for identity, place in zip(batch, places, strict=True):
                    self.places[identity] = (place["partitionId"], place["offset"])


def _run_until_killed(
    server: ServerProcess, stream: StreamUnderTest, notes: list[Notes], chance: random.Random
) -> None:
    """Let all writers write, and kill the server at a random moment after the first answer."""
    callers = [Api(server.url, stream.api.token) for _ in notes]
    threads = [
        threading.Thread(
            target=note.write, args=(stream.as_(caller), random.Random(chance.random()))
        )
        for note, caller in zip(notes, callers, strict=True)
    ]
    before = _acknowledged(notes)
    for thread in threads:
        thread.start()
    wait_until(lambda: _acknowledged(notes) > before, 60)
    time.sleep(chance.uniform(0.02, 0.5))
    server.kill()
    for thread in threads:
        thread.join(30)
        assert not thread.is_alive()
    for caller in callers:
        caller.close()


def _acknowledged(notes: list[Notes]) -> int:
    return sum(len(batch) for note in notes for batch in note.acknowledged)


def _stored(stream: StreamUnderTest) -> dict[Identity, tuple[int, int]]:
    """Read everything; checks that offsets are dense, nothing is twice, and keys are in order."""
    places: dict[Identity, tuple[int, int]] = {}
    ends = stream.ends()
    for partition in range(PARTITIONS):
        start = 0
        newest: dict[str, int] = defaultdict(lambda: -1)
        while records := stream.records(partition, start=start):
            for record in records:
                assert record["offset"] == start, "offsets are dense"
                value = record["value"]
                identity = (value["writer"], value["number"])
                assert identity not in places, "no record is stored twice"
                assert value["number"] > newest[value["key"]], "the order of a key is kept"
                newest[value["key"]] = value["number"]
                places[identity] = (partition, start)
                start += 1
        assert ends[str(partition)] == start
    return places


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(("workers", "share"), [(1, 1), (2, 3)])
def test_every_acknowledged_record_survives_the_death_of_the_server(
    own_server: ServerProcess, request: pytest.FixtureRequest, workers: int, share: int
):
    own_server.environment["SLUICEWAY_SERVER__WORKERS"] = str(workers)
    rounds: int = -(-request.config.getoption("kill_rounds") // share)
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}, {rounds} rounds")  # noqa: T201 - shown when it fails
    chance = random.Random(seed)
    notes = [Notes(writer) for writer in range(WRITERS)]
    token, stream = "", None
    facts: Counter[str] = Counter()

    for _ in range(rounds):
        own_server.start()
        token = token or sign_in(own_server.url)
        api = Api(own_server.url, token)
        if stream is None:
            stream = api.new_stream(RECORD, partitionsCount=PARTITIONS)
        stream = stream.as_(api)
        _check(_stored(stream), notes)
        _run_until_killed(own_server, stream, notes, chance)
        api.close()

    own_server.start()
    api = Api(own_server.url, token)
    assert stream is not None
    places = _stored(stream.as_(api))
    _check(places, notes)
    api.close()
    assert own_server.stop() == 0
    facts["acknowledged"] = _acknowledged(notes)
    for note in notes:
        facts["without an answer"] += sum(map(len, note.unclear))
    assert facts["acknowledged"] >= rounds
    print(dict(facts), "stored", len(places))  # noqa: T201 - the figures of a long run


def _check(stored: dict[Identity, tuple[int, int]], notes: list[Notes]) -> None:
    """Compare what is stored with what the writers know."""
    known: set[Identity] = set()
    for note in notes:
        assert note.refusals == []
        for batch in note.acknowledged:
            missing = [identity for identity in batch if identity not in stored]
            assert missing == [], "an acknowledged record is lost"
            known.update(batch)
        for batch in note.unclear:
            there = sum(identity in stored for identity in batch)
            assert there in {0, len(batch)}, "a request is stored in part"
            known.update(batch)
        for identity, place in note.places.items():
            assert stored[identity] == place, "a record is not where the answer said"
    assert stored.keys() <= known, "there is a record that nobody sent"
