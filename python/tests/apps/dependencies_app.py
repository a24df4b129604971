"""FastAPI with a dependency that yields, and with a middleware outside that looks at the route."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.responses import PlainTextResponse, StreamingResponse

from rum_llm_correlation import RumSessionASGI

from . import agent
from .serving import serve_uvicorn

app = FastAPI()


async def asking(label: str) -> AsyncIterator[str]:
    await agent.answer_async(label)
    yield label
    await agent.answer_async(label)


@app.get("/items/{item}", response_class=PlainTextResponse)
async def read(asked: str = Depends(asking)) -> str:
    return await agent.answer_async(asked)


@app.get("/items/{item}/stream")
async def stream(asked: str = Depends(asking)) -> StreamingResponse:
    return StreamingResponse(agent.stream_async(asked))


@app.post("/items/{item}", response_class=PlainTextResponse)
async def write(request: Request, asked: str = Depends(asking)) -> str:
    return await agent.echo_async(await request.body(), asked)


class RouteTold:
    """Writes into the answer's headers which route the app has found."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def told(message: Any) -> None:
            if message["type"] == "http.response.start":
                route, item = scope["route"].path, scope["path_params"]["item"]
                message["headers"] = [*message["headers"], (b"x-route", f"{route} {item}".encode())]
            await send(message)

        await self._app(scope, receive, told)


if __name__ == "__main__":
    if os.environ["MODE"] == "added":
        app.add_middleware(RumSessionASGI)
        app.add_middleware(RouteTold)
        assert app.openapi()["paths"]
        assert app.dependency_overrides == {}
        serve_uvicorn(app)
    else:
        serve_uvicorn(RouteTold(RumSessionASGI(app)))
