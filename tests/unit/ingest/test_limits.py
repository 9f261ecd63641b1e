"""How much a principal and a stream may ask for, with a clock to turn."""

import msgspec
import pytest

from fixtures.api import SENSOR_SCHEMA
from fixtures.filesystem import caller_of
from sluiceway.access.caller import Caller, PrincipalId
from sluiceway.foundation.errors import SluicewayError
from sluiceway.foundation.rids import new_dataset_rid, new_view_rid
from sluiceway.ingest.limit_errors import (
    RequestLimitsFullError,
    RequestRateExceededError,
    TooManyConcurrentRequestsError,
)
from sluiceway.ingest.limits import RequestLimits, Slot, request_limits
from sluiceway.ingest.settings import LimitSettings
from sluiceway.schema.types import StreamSchema
from sluiceway.streams.types import StreamType, View

MIA, LEO = (caller_of(PrincipalId(name)) for name in ("mia", "leo"))
SERVICE = caller_of(PrincipalId("service"), is_service_user=True)


def new_view() -> View:
    return View(
        view_rid=new_view_rid(),
        dataset_rid=new_dataset_rid(),
        branch_name="master",
        schema=msgspec.convert(SENSOR_SCHEMA, StreamSchema),
        partitions=1,
        stream_type=StreamType.LOW_LATENCY,
        compressed=False,
        created_ms=0,
    )


class World:
    """Limits, a clock to turn, and a stream."""

    def __init__(self, settings: LimitSettings) -> None:
        limits = request_limits(settings)
        assert limits is not None
        self.limits: RequestLimits = limits
        self.now = 1_000_000.0
        self.view = new_view()
        limits.monotonic = lambda: self.now

    def take(self, caller: Caller = MIA, view: View | None = None) -> Slot:
        return self.limits.take(caller, view or self.view)

    def refused(self, caller: Caller = MIA, view: View | None = None) -> SluicewayError:
        with pytest.raises(SluicewayError) as caught:
            self.take(caller, view)
        return caught.value


def test_nothing_is_limited_by_default() -> None:
    assert request_limits(LimitSettings()) is None


@pytest.mark.parametrize("per_minute", [1, 7, 60, 5_000])
def test_a_minutes_requests_may_come_at_once_and_no_more(per_minute: int) -> None:
    world = World(LimitSettings(user_requests_per_minute_max=per_minute))
    for _ in range(per_minute):
        world.take().release()

    error = world.refused()

    assert isinstance(error, RequestRateExceededError)
    assert error.http_status == 429
    assert error.headers == {
        "Retry-After": str(-(-60 // per_minute)),
        "X-RateLimit-Limit": str(per_minute),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "60",
        "QoS-Due-To": "custom",
    }


def test_the_allowance_comes_back_evenly() -> None:
    world = World(LimitSettings(user_requests_per_minute_max=10))
    for _ in range(10):
        world.take().release()

    world.now += 5.99
    assert world.refused().headers["Retry-After"] == "1"
    world.now += 0.01
    world.take().release()
    world.refused()
    world.now += 30.0
    for _ in range(5):
        world.take().release()
    world.refused()


def test_who_waits_as_long_as_it_is_told_is_not_refused_again() -> None:
    world = World(LimitSettings(user_requests_per_minute_max=7))

    for _ in range(50):
        try:
            world.take().release()
        except RequestRateExceededError as error:
            world.now += float(error.headers["Retry-After"])
            world.take().release()


def test_no_more_than_so_many_are_in_progress_at_once() -> None:
    world = World(LimitSettings(user_concurrent_requests_max=3))
    slots = [world.take() for _ in range(3)]

    error = world.refused()
    slots[1].release()
    world.take()

    assert isinstance(error, TooManyConcurrentRequestsError)
    assert error.headers["X-RateLimit-Limit"] == "3"
    assert error.headers["Retry-After"] == "1"
    world.refused()


def test_a_slot_is_released_when_its_request_fails() -> None:
    world = World(LimitSettings(user_concurrent_requests_max=1))

    for _ in range(3):
        with pytest.raises(ValueError, match="wrong"), world.take():
            raise ValueError("wrong")

    world.take()


def test_principals_have_nothing_to_do_with_each_other() -> None:
    world = World(LimitSettings(user_requests_per_minute_max=1, user_concurrent_requests_max=1))
    world.take(MIA)

    world.take(LEO)
    world.refused(MIA)
    world.refused(LEO)


def test_a_stream_is_limited_over_all_who_publish_to_it() -> None:
    world = World(LimitSettings(stream_requests_per_minute_max=2))
    world.take(MIA)
    world.take(LEO)

    error = world.refused(SERVICE)

    assert error.parameters["scope"] == "stream"
    world.take(SERVICE, new_view())


def test_a_stream_that_was_reset_has_the_same_allowance() -> None:
    world = World(LimitSettings(stream_requests_per_minute_max=1))
    world.take()

    world.refused(view=msgspec.structs.replace(world.view, view_rid=new_view_rid()))


def test_what_the_stream_refuses_does_not_count_for_the_principal() -> None:
    world = World(
        LimitSettings(
            user_requests_per_minute_max=2,
            user_concurrent_requests_max=2,
            stream_concurrent_requests_max=1,
        )
    )
    slot = world.take()
    for _ in range(5):
        assert world.refused().parameters["scope"] == "stream"

    slot.release()
    world.take()
    assert world.refused(view=new_view()).parameters["scope"] == "principal"


def test_the_foundry_profile_has_foundrys_numbers() -> None:
    world = World(LimitSettings(profile="foundry"))
    for _ in range(30):
        world.take()
    assert isinstance(world.refused(), TooManyConcurrentRequestsError)

    for _ in range(5_000):
        world.take(LEO).release()
    assert isinstance(world.refused(LEO), RequestRateExceededError)

    for _ in range(6_000):
        world.take(SERVICE).release()
    for _ in range(800):
        world.take(SERVICE)
    assert isinstance(world.refused(SERVICE), TooManyConcurrentRequestsError)


def test_a_setting_wins_over_the_profile_and_0_means_no_limit() -> None:
    world = World(
        LimitSettings(
            profile="foundry", user_concurrent_requests_max=2, user_requests_per_minute_max=0
        )
    )

    for _ in range(6_000):
        world.take().release()
    world.take()
    world.take()

    assert isinstance(world.refused(), TooManyConcurrentRequestsError)


def test_who_is_idle_is_forgotten_and_who_is_not_is_not() -> None:
    world = World(
        LimitSettings(
            user_requests_per_minute_max=60, user_concurrent_requests_max=9, entries_max=2
        )
    )
    in_progress = world.take(MIA)
    world.take(LEO).release()

    full = world.refused(caller_of(PrincipalId("third")))
    world.now += 1.0
    world.take(caller_of(PrincipalId("third"))).release()
    world.now += 100.0
    world.take(caller_of(PrincipalId("fourth"))).release()

    assert isinstance(full, RequestLimitsFullError)
    assert full.http_status == 429
    assert full.headers["Retry-After"] == "1"
    assert len(world.limits.principals) == 2
    in_progress.release()
    for _ in range(9):
        world.take(MIA)
    assert isinstance(world.refused(MIA), TooManyConcurrentRequestsError)


def test_a_full_table_is_looked_through_at_most_once_a_second() -> None:
    world = World(LimitSettings(user_concurrent_requests_max=1, entries_max=1))
    slot = world.take(MIA)
    world.refused(LEO)

    slot.release()
    assert isinstance(world.refused(LEO), RequestLimitsFullError)
    world.now += 1.0
    world.take(LEO)
