"""A chat that streams: PORT says where."""

import os
import time

import livefloe as lf

app = lf.App("Chat", store="memory")


@app.chat(examples=["short"])
def reply(message: str):
    if message == "short":
        yield "A **short** answer"
        return
    n = 0
    while message == "endless" or n < 60:
        yield f"Line {n} of many.\n\n"
        n += 1
        time.sleep(0.005)


if __name__ == "__main__":
    with app.start(port=int(os.environ["PORT"])) as server:
        print(f"listening on {server.address}", flush=True)
        server.wait()
