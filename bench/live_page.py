"""How responsive the live page of a stream stays while records are pushed, and how late they show.

Opens the page in Chromium, headless, beside the server and the pusher on the same cores. One JSON
line: the tasks of the page's thread that took longer than 50 ms, as the browser counts them, and
the age of the newest record in the table, looked at ten times a second.

    python bench/live_page.py [--rate 10000] [--seconds 15] [--folder DIR]
"""

import argparse
import json
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page, sync_playwright

from harness import PASSWORD, sluiceway

BATCH = 100
LOOK_MS = 100
WARM_UP_SECONDS = 3
_COUNT_LONG_TASKS = """
window.longTasks = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.longTasks.push(entry.duration);
}).observe({ type: "longtask", buffered: true });
"""
# The text of the field `sensor_id` is the time of the push.
_NEWEST = """
() => {
  const times = [...document.querySelectorAll("table tbody td")]
    .map((cell) => Number(cell.textContent)).filter((value) => value > 1e12);
  return times.length === 0 ? null : Date.now() - Math.max(...times);
}
"""


class Pusher(threading.Thread):
    """Pushes records at a steady rate."""

    def __init__(self, url: str, token: str, rate: int) -> None:
        super().__init__()
        self._client = httpx.Client(headers={"Authorization": f"Bearer {token}"})
        self._url, self._pause = url, BATCH / rate
        self.pushed = 0
        self.ended = threading.Event()

    def run(self) -> None:
        """Push until ``ended`` is set."""
        due = time.monotonic()
        while not self.ended.is_set():
            record = {"sensor_id": str(time.time_ns() // 1_000_000), "temperature": 4.132}
            answer = self._client.post(self._url, json={"records": [record] * BATCH})
            answer.raise_for_status()
            self.pushed += BATCH
            due += self._pause
            time.sleep(max(due - time.monotonic(), 0))
        self._client.close()


def watch(page: Page, seconds: float) -> dict[str, Any]:
    """Look at the page for so long; give what it was like."""
    page.evaluate("() => { window.longTasks = [] }")
    ages = []
    for _ in range(int(seconds * 1000 / LOOK_MS)):
        page.wait_for_timeout(LOOK_MS)
        age = page.evaluate(_NEWEST)
        if age is not None:
            ages.append(age)
    tasks = sorted(page.evaluate("() => window.longTasks"))
    ages.sort()
    return {
        "long_tasks": len(tasks),
        "longest_task_ms": round(max(tasks, default=0)),
        "age_p50_ms": ages[len(ages) // 2],
        "age_p99_ms": ages[len(ages) * 99 // 100],
        "says": page.get_by_role("main").get_by_text("The newest").locator("..").inner_text(),
    }


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int, default=10_000, help="records per second")
    parser.add_argument("--seconds", type=float, default=15)
    parser.add_argument("--folder", type=Path)
    arguments = parser.parse_args()
    program = shutil.which("chromium")
    if program is None:
        sys.exit("needs chromium: tools/install-test-programs installs it")
    with (
        tempfile.TemporaryDirectory(dir=arguments.folder) as folder,
        sluiceway(Path(folder)) as (url, stream, token),
        sync_playwright() as playwright,
    ):
        rid = stream.split("/datasets/")[1].split("/")[0]
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-gpu", "--disable-quic"]
        )
        context = browser.new_context(base_url=url, viewport={"width": 1440, "height": 900})
        context.add_init_script(_COUNT_LONG_TASKS)
        session = {"username": "admin", "password": PASSWORD}
        context.request.post("/api/v1/session", data=session)
        page = context.new_page()
        page.goto(f"/streams/{rid}")
        page.get_by_role("table", name="Records").wait_for()
        pusher = Pusher(f"{url}{stream}/publishRecords", token, arguments.rate)
        pusher.start()
        page.wait_for_timeout(WARM_UP_SECONDS * 1000)
        before, started = pusher.pushed, time.monotonic()
        seen = watch(page, arguments.seconds)
        rate = (pusher.pushed - before) / (time.monotonic() - started)
        pusher.ended.set()
        pusher.join()
        browser.close()
    print(json.dumps({"case": "live page", "records_per_second": round(rate), **seen}))


if __name__ == "__main__":
    main()
