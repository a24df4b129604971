from __future__ import annotations

import os
from collections.abc import Iterator

from flask import Flask, Response, request, stream_with_context

from . import agent
from .serving import serve_waitress, serve_werkzeug, showing_what_is_left, wrapped_wsgi

app = Flask(__name__)


@app.get("/sync")
def answer() -> str:
    return agent.answer(request.args["label"])


@app.get("/async")
async def answer_async() -> str:
    return await agent.answer_async(request.args["label"])


@app.post("/echo")
def echo() -> str:
    return agent.echo(request.get_data(), request.args["label"])


@app.get("/stream")
def stream() -> Response:
    return Response(agent.stream(request.args["label"]))


@app.get("/stream-with-context")
def stream_in_request() -> Response:
    def parts() -> Iterator[str]:
        yield from agent.stream(request.args["label"])

    return Response(stream_with_context(parts()))


@app.get("/explicit")
def explicit() -> str:
    return agent.answer(request.args["label"], session_id="explicit")


@app.get("/fail")
def fail() -> str:
    agent.answer(request.args["label"])
    raise ValueError


@app.get("/broken-stream")
def broken_stream() -> Response:
    label = request.args["label"]

    def parts() -> Iterator[str]:
        yield agent.answer(label)
        raise ValueError

    return Response(parts())


app.wsgi_app = wrapped_wsgi(app.wsgi_app)  # type: ignore[assignment, method-assign]

if __name__ == "__main__":
    serve = serve_werkzeug if os.environ.get("SERVER") == "werkzeug" else serve_waitress
    serve(showing_what_is_left(app))
