from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from . import agent
from .serving import serve_uvicorn, wrapped_asgi


def answer(request: Request) -> Response:
    return PlainTextResponse(agent.answer(request.query_params["label"]))


async def answer_async(request: Request) -> Response:
    return PlainTextResponse(await agent.answer_async(request.query_params["label"]))


async def echo(request: Request) -> Response:
    return PlainTextResponse(await agent.echo_async(await request.body(), request.query_params["label"]))


async def stream(request: Request) -> Response:
    return StreamingResponse(agent.stream(request.query_params["label"]))


async def stream_async(request: Request) -> Response:
    return StreamingResponse(agent.stream_async(request.query_params["label"]))


async def explicit(request: Request) -> Response:
    return PlainTextResponse(await agent.answer_async(request.query_params["label"], session_id="explicit"))


app = Starlette(
    routes=[
        Route("/sync", answer),
        Route("/async", answer_async),
        Route("/echo", echo, methods=["POST"]),
        Route("/stream", stream),
        Route("/stream-async", stream_async),
        Route("/explicit", explicit),
    ]
)

if __name__ == "__main__":
    serve_uvicorn(wrapped_asgi(app))
