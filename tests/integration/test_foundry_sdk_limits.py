"""``foundry_sdk`` at a limit of a real server."""

import contextlib
from urllib.parse import urlsplit

import pytest
from foundry_sdk import Config, FoundryClient, RateLimitError, UserTokenAuth
from foundry_sdk._core.http_client import HttpClient
from foundry_sdk._errors.palantir_qos_exception import QoSDueTo

from fixtures.api import Api
from fixtures.server import ServerProcess, sign_in


def test_the_client_is_told_that_it_may_repeat_and_that_the_limit_is_its_own(
    own_server: ServerProcess,
) -> None:
    own_server.environment = {"SLUICEWAY_LIMITS__USER_REQUESTS_PER_MINUTE_MAX": "1"}
    own_server.start()
    with contextlib.closing(Api(own_server.url, sign_in(own_server.url))) as api:
        stream = api.new_stream()
        config = Config(scheme="http", timeout=30, propagate_qos="PROPAGATE_429_AND_503_TO_CALLER")
        client = FoundryClient(UserTokenAuth(str(api.token)), urlsplit(api.url).netloc, config)
        publish = client.streams.Dataset.Stream.publish_record
        publish(stream.rid, "master", record={"sensor_id": "a"})

        with pytest.raises(RateLimitError) as caught:
            publish(stream.rid, "master", record={"sensor_id": "a"})
        HttpClient(config).close()

    assert caught.value.retry_hint is None
    assert caught.value.due_to is QoSDueTo.CUSTOM
