"""Interfaces as people use them: PORT says where."""

import os
import time
from typing import Annotated

import livefloe as lf

app = lf.App("Interfaces", store="memory")


@app.interface(examples=[("first", 4), ("second", 5)])
def repeat(
    text: str, times: Annotated[int, lf.Slider(1, 5)] = 2, note: str | None = None
):
    if text == "bad":
        raise lf.Invalid(text="is not allowed")
    for n in range(times):
        yield " ".join([text] * (n + 1))
    while text == "slow" and not lf.cancelled():
        time.sleep(0.01)


@app.interface(path="/live", live=True)
def shout(text: str = "hello") -> str:
    return f"{text.upper()}!"


if __name__ == "__main__":
    with app.start(port=int(os.environ["PORT"])) as server:
        print(f"listening on {server.address}", flush=True)
        server.wait()
