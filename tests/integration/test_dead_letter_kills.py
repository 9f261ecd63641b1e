"""Dead letters while the server is killed: none is lost, none doubled, each replayed once."""

import random
import threading
import time
from typing import Any

import httpx
import pytest

from fixtures.api import Api, StreamUnderTest, field, schema
from fixtures.server import ServerProcess, sign_in

WRITERS = 3
ROUNDS = 2
NUMBERED = schema(field("id", "string", nullable=False), field("n", "integer"))


class Writer:
    """Sends requests of one good and one bad record, each until it is answered."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.number = 0
        self.done: list[str] = []

    def push(self, stream: StreamUnderTest) -> None:
        """Push until the server is gone; the request without an answer is the next one again."""
        while True:
            key = f"{self.name}-{self.number}"
            body = [{"id": key, "n": 1}, {"id": key, "n": "one"}]
            path = f"/api/v1/streams/{stream.rid}/{stream.branch}/records?onInvalid=dead-letter"
            try:
                answer = stream.api.post(path, json=body, headers={"Idempotency-Key": key})
            except httpx.TransportError:
                return
            if answer.status_code != 200:
                # Its first copy was stored and is being made durable, or the server is going.
                assert answer.status_code in {409, 503}, answer.text
                continue
            assert len(answer.json()["deadLetters"]) == 1
            self.done.append(key)
            self.number += 1


def mend(stream: StreamUnderTest, chance: random.Random, replayed: set[str]) -> None:
    """Mend and replay letters until the server is gone; note those that were answered."""
    path = f"/api/v1/streams/{stream.rid}/{stream.branch}/dead-letters"
    while True:
        try:
            letters = stream.api.ok("GET", f"{path}?pageSize=20")["data"]
            for letter in letters:
                key = letter["value"].split('"')[3]
                value = {"id": f"mended {key}", "n": chance.randrange(10)}
                answer = stream.api.post(
                    f"{path}/{letter['letterId']}/replay", json={"value": value}
                )
                assert answer.status_code in {200, 409, 503}, answer.text
                if answer.status_code == 200:
                    replayed.add(key)
        except httpx.TransportError:
            return


@pytest.mark.timeout(300)
def test_letters_survive_the_death_of_the_server(own_server: ServerProcess):
    seed = random.SystemRandom().randrange(2**32)
    print(f"seed {seed}")  # noqa: T201 - shown when it fails
    chance = random.Random(seed)
    own_server.start()
    api = Api(own_server.url, sign_in(own_server.url))
    stream = api.new_stream(NUMBERED)
    writers = [Writer(f"w{number}") for number in range(WRITERS)]
    replayed: set[str] = set()

    for _ in range(ROUNDS):
        callers = [Api(own_server.url, api.token) for _ in range(WRITERS + 2)]
        works: list[tuple[Any, ...]] = [
            *(
                (writer.push, stream.as_(caller))
                for writer, caller in zip(writers, callers[:WRITERS], strict=True)
            ),
            *((mend, stream.as_(caller), random.Random(seed), replayed) for caller in callers[-2:]),
        ]
        threads = [threading.Thread(target=work, args=args) for work, *args in works]
        for thread in threads:
            thread.start()
        time.sleep(chance.uniform(0.3, 1.2))
        own_server.kill()
        for thread in threads:
            thread.join(30)
            assert not thread.is_alive()
        for caller in callers:
            caller.close()
        own_server.start(own_server.port)

    values = [value["id"] for value in stream.values()]
    open_letters = _open_letters(stream)
    pushed = {key for writer in writers for key in writer.done}
    sent = pushed | {f"{writer.name}-{writer.number}" for writer in writers}
    good = [one for one in values if not one.startswith("mended ")]
    mended = [one.removeprefix("mended ") for one in values if one.startswith("mended ")]
    assert len(pushed) > ROUNDS
    assert len(replayed) > ROUNDS
    assert len(good) == len(set(good))
    assert pushed <= set(good) <= sent
    # Of each request its bad record is either open or replayed, and that once.
    assert sorted(mended + open_letters) == sorted(good)
    assert replayed <= set(mended)
    api.close()


def _open_letters(stream: StreamUnderTest) -> list[str]:
    path = f"/api/v1/streams/{stream.rid}/{stream.branch}/dead-letters?pageSize=1000"
    found: list[str] = []
    token = ""
    while True:
        page = stream.api.ok("GET", f"{path}{token}")
        found += [letter["value"].split('"')[3] for letter in page["data"]]
        if "nextPageToken" not in page:
            return found
        token = f"&pageToken={page['nextPageToken']}"
