"""The server is killed while streams are made, reset and deleted for ever."""

import random
import threading
import time

import httpx

from fixtures.api import Api, StreamUnderTest
from fixtures.server import ServerProcess, sign_in

ROUNDS = 2
STREAMS = 3


class Resetter(threading.Thread):
    """Publishes to a stream of its own and resets it, until the server is gone."""

    def __init__(self, url: str, token: str, stream: StreamUnderTest) -> None:
        super().__init__()
        self.api = Api(url, token)
        self.stream = StreamUnderTest(self.api, stream.rid, stream.branch)
        self.acknowledged: list[str] = []
        """Records that were acknowledged after the last reset was asked for."""
        self.is_reset_open = False
        """Whether the last reset was asked for and not answered."""

    def run(self) -> None:
        number = 0
        try:
            while True:
                for _ in range(random.randrange(4)):
                    number += 1
                    words = f"{time.monotonic_ns()}-{number}"
                    assert self.stream.publish({"sensor_id": words}).status_code == 204
                    self.acknowledged.append(words)
                self.is_reset_open = True
                self.api.ok("POST", f"{self.stream.path}/reset?preview=true", json={})
                self.is_reset_open = False
                self.acknowledged.clear()
        except httpx.TransportError:
            pass
        finally:
            self.api.close()


def test_a_reset_is_done_or_not_done_whenever_the_server_is_killed(
    own_server: ServerProcess,
) -> None:
    own_server.start()
    first = Api(own_server.url, sign_in(own_server.url))
    streams = [first.new_stream() for _ in range(STREAMS)]
    first.close()

    for _ in range(ROUNDS):
        token = sign_in(own_server.url)
        resetters = [Resetter(own_server.url, token, stream) for stream in streams]
        for resetter in resetters:
            resetter.start()
        time.sleep(random.uniform(0.05, 0.4))
        own_server.kill()
        for resetter in resetters:
            resetter.join(30)
        own_server.start()

        api = Api(own_server.url, sign_in(own_server.url))
        for resetter in resetters:
            stream = StreamUnderTest(api, resetter.stream.rid, resetter.stream.branch)
            stored = [value["sensor_id"] for value in stream.values()]
            may_be_gone = resetter.is_reset_open
            assert stored[: len(resetter.acknowledged)] == resetter.acknowledged or (
                may_be_gone and stored == []
            )
            assert len(stored) <= len(resetter.acknowledged) + 1
            assert stream.publish({"sensor_id": "after"}).status_code == 204
            api.ok("POST", f"{stream.path}/reset?preview=true", json={})
        api.close()
        assert "kept" not in own_server.errors
        assert "no log" not in own_server.errors
