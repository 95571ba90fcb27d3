"""The pages of `under.py`, mounted in a FastAPI app that uvicorn serves: PORT says where."""

import os
import socket

import uvicorn
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from under import app as live

app = FastAPI(lifespan=live.lifespan)


@app.get("/", response_class=HTMLResponse)
def index() -> str:
    return '<title>Around</title><link rel="icon" href="data:,"><a href="/tools/live/">The app</a>'


app.mount("/tools/live", live)

if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", int(os.environ["PORT"])))
    print(f"listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])
