from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from quart import Quart, Response, request

from . import agent
from .serving import serve_hypercorn, wrapped_asgi

app = Quart(__name__)


@app.get("/sync")
def answer() -> str:
    return agent.answer(request.args["label"])


@app.get("/async")
async def answer_async() -> str:
    return await agent.answer_async(request.args["label"])


@app.post("/echo")
async def echo() -> str:
    body: bytes = await request.get_data(as_text=False)  # type: ignore[assignment]
    return await agent.echo_async(body, request.args["label"])


@app.get("/stream")
async def stream() -> Iterator[str]:
    return agent.stream(request.args["label"])


@app.get("/stream-async")
async def stream_async() -> AsyncIterator[str]:
    return agent.stream_async(request.args["label"])


@app.get("/explicit")
async def explicit() -> Response:
    return Response(await agent.answer_async(request.args["label"], session_id="explicit"))


if __name__ == "__main__":
    serve_hypercorn(wrapped_asgi(app))
