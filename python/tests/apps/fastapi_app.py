from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator

from fastapi import BackgroundTasks, FastAPI, Request, WebSocket
from fastapi.responses import PlainTextResponse, StreamingResponse

from rum_llm_correlation import RumSessionASGI

from . import agent
from .serving import serve_uvicorn, wrapped_asgi

app = FastAPI()
running: set[asyncio.Task[None]] = set()


@app.get("/sync", response_class=PlainTextResponse)
def answer(label: str) -> str:
    return agent.answer(label)


@app.get("/async", response_class=PlainTextResponse)
async def answer_async(label: str) -> str:
    return await agent.answer_async(label)


@app.post("/echo", response_class=PlainTextResponse)
async def echo(request: Request, label: str) -> str:
    return await agent.echo_async(await request.body(), label)


@app.get("/stream")
def stream(label: str) -> StreamingResponse:
    return StreamingResponse(agent.stream(label))


@app.get("/stream-async")
async def stream_async(label: str) -> StreamingResponse:
    return StreamingResponse(agent.stream_async(label))


@app.get("/background", response_class=PlainTextResponse)
async def background(label: str, tasks: BackgroundTasks) -> str:
    tasks.add_task(agent.answer, label)
    return "later"


@app.get("/task", response_class=PlainTextResponse)
async def task(label: str) -> str:
    running.add(asyncio.create_task(agent.workflow_async(label)))
    return "later"


@app.get("/explicit", response_class=PlainTextResponse)
async def explicit(label: str) -> str:
    return await agent.answer_async(label, session_id="explicit")


@app.get("/annotated", response_class=PlainTextResponse)
async def annotated(label: str) -> str:
    return await agent.annotated(label, session_id="explicit")


@app.get("/fail", response_class=PlainTextResponse)
def fail(label: str) -> str:
    agent.answer(label)
    raise ValueError(label)


@app.get("/broken-stream")
def broken_stream(label: str) -> StreamingResponse:
    def parts() -> Iterator[str]:
        yield agent.answer(label)
        raise ValueError(label)

    return StreamingResponse(parts())


@app.websocket("/socket")
async def socket(websocket: WebSocket) -> None:
    await websocket.accept()
    async for label in websocket.iter_text():
        await websocket.send_text(await agent.answer_async(label))


if __name__ == "__main__":
    if os.environ.get("ADD_MIDDLEWARE"):
        app.add_middleware(RumSessionASGI)
        serve_uvicorn(app)
    else:
        serve_uvicorn(wrapped_asgi(app))
