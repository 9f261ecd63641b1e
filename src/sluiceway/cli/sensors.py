"""Simulated sensors, whose readings the demo pushes."""

import random
import time
from collections.abc import Iterator
from typing import Any, Final

import msgspec

_SENSORS: Final = 8
_STEP_DEGREES: Final = 0.1
_MEAN_DEGREES: Final = 20.0


def _field(name: str, data_type: str, *, nullable: bool) -> dict[str, Any]:
    return {"name": name, "schema": {"nullable": nullable, "dataType": {"type": data_type}}}


SCHEMA: Final = {
    "fields": [
        _field("sensor_id", "string", nullable=False),
        _field("temperature", "double", nullable=True),
        _field("created_at", "timestamp", nullable=True),
    ]
}
"""The schema of the walk-through's stream."""


def readings(batch: int) -> Iterator[bytes]:
    """Write bodies of ``publishRecords`` for ever, of *batch* readings each.

    The sensors take turns; each one's temperature wanders around the same mean.
    """
    temperatures = {f"sensor{number}": _MEAN_DEGREES for number in range(1, _SENSORS + 1)}
    names = list(temperatures)
    taken = 0
    while True:
        records = []
        for _ in range(batch):
            name = names[taken % _SENSORS]
            taken += 1
            drift = (_MEAN_DEGREES - temperatures[name]) / 1_000
            degrees = temperatures[name] + drift + random.gauss(0, _STEP_DEGREES)
            temperatures[name] = round(degrees, 3)
            now_ms = time.time_ns() // 1_000_000
            records.append(
                {"sensor_id": name, "temperature": temperatures[name], "created_at": now_ms}
            )
        yield msgspec.json.encode({"records": records})
