"""Who blocks the event loop that all share is named."""

from __future__ import annotations

import asyncio
import threading
import time

import livefloe as lf


def until(condition):
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        threading.Event().wait(0.005)


def test_a_handler_that_blocks_the_loop_is_named_with_its_line(app, caplog):
    async def blocking():
        time.sleep(0.2)

    async def polite():
        await asyncio.sleep(0.2)
        await asyncio.to_thread(time.sleep, 0.1)

    def plain():
        time.sleep(0.1)

    @app.page("/")
    def page():
        lf.button("polite", polite)
        lf.button("plain", plain)
        lf.button("blocking", blocking)

    with lf.test(app) as p:
        p.click("polite")
        p.click("plain")
        p.click("blocking")
        until(lambda: "kept all asynchronous handlers waiting" in caplog.text)
        p.click("blocking")
        said = [r.message for r in caplog.records if "kept all" in r.message]
        assert len(said) == 1  # once, however often it happens
        assert said[0].startswith("test_watchdog.py:")
        assert "blocking" in said[0]


def test_what_blocks_before_the_first_wait_of_a_task_is_named_too(app, caplog):
    @lf.task
    async def work():
        time.sleep(0.2)

    @app.page("/")
    def page():
        lf.button("start", work)

    with lf.test(app) as p:
        p.click("start")
        until(lambda: "in test_what_blocks" in caplog.text)
