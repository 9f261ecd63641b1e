"""Publishes to NATS JetStream, so many at once; prints one JSON line.

python nats_load.py PORT IN_FLIGHT SECONDS BODY
"""

import asyncio
import json
import sys
import time

import nats


async def main(port: str, in_flight: str, seconds: str, body: str) -> None:
    """Publish until the time is over; each publisher waits for its acknowledgement."""
    client = await nats.connect(f"nats://127.0.0.1:{port}")
    stream = client.jetstream()
    await stream.add_stream(name="bench", subjects=["bench"])
    payload = body.encode()
    waits: list[float] = []
    end = time.perf_counter() + float(seconds)

    async def publish() -> None:
        while (started := time.perf_counter()) < end:
            await stream.publish("bench", payload, timeout=30)
            waits.append(time.perf_counter() - started)

    await asyncio.gather(*(publish() for _ in range(int(in_flight))))
    waits.sort()
    print(
        json.dumps(
            {
                "requests_per_second": round(len(waits) / float(seconds)),
                "p50_ms": round(waits[len(waits) // 2] * 1e3, 3),
                "p99_ms": round(waits[len(waits) * 99 // 100] * 1e3, 3),
            }
        )
    )
    await stream.delete_stream("bench")
    await client.close()


asyncio.run(main(*sys.argv[1:]))
