"""The work of work.py, over FastAPI, Quart or no framework: FRAMEWORK says which, SERVER what serves it."""

from __future__ import annotations

import os
from typing import Any

from fastapi import BackgroundTasks, FastAPI, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from rum_llm_correlation import RumSessionASGI

from . import work
from .serving import ASGI_SERVERS, wrapped_asgi


def fastapi() -> Any:
    app = FastAPI()

    @app.post("/stream-async")
    async def stream_async(label: str) -> Response:
        return StreamingResponse(work.stream_async(label))

    @app.post("/background")
    async def background(label: str, tasks: BackgroundTasks, request: Request) -> str:
        await request.body()
        tasks.add_task(work.in_a_row_async, label)
        return "later"

    @app.post("/background-sync")
    def background_sync(label: str, tasks: BackgroundTasks) -> str:
        tasks.add_task(work.in_a_row, label)
        return "later"

    @app.post("/{kind}")
    async def do(kind: str, label: str, request: Request) -> Response:
        await request.body()
        if kind in work.STREAMS:
            return StreamingResponse(work.STREAMS[kind](label))
        if kind in work.SYNC:
            work.SYNC[kind](label)
        else:
            await work.ASYNC[kind](label)
        return PlainTextResponse("done")

    return app


def quart() -> Any:
    from quart import Quart, request

    app = Quart(__name__)
    app.config["MAX_CONTENT_LENGTH"] = None

    @app.post("/<kind>")
    async def do(kind: str) -> Any:
        label = request.args["label"]
        await request.get_data()
        if kind == "stream-async":
            return work.stream_async(label)
        if kind in work.SYNC:
            work.SYNC[kind](label)
        else:
            await work.ASYNC[kind](label)
        return "done"

    return app


def plain() -> Any:
    from urllib.parse import parse_qs

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        label = parse_qs(scope["query_string"].decode())["label"][0]
        while (await receive()).get("more_body"):
            pass
        kind = scope["path"][1:]
        if kind in work.SYNC:
            work.SYNC[kind](label)
        else:
            await work.ASYNC[kind](label)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"done"})

    return app


app = {"fastapi": fastapi, "quart": quart, "plain": plain}[os.environ.get("FRAMEWORK", "fastapi")]()
if os.environ.get("ADD_MIDDLEWARE"):
    app.add_middleware(RumSessionASGI)
else:
    app = wrapped_asgi(app)

if __name__ == "__main__":
    ASGI_SERVERS[os.environ.get("SERVER", "uvicorn")](app)
