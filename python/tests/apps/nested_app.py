"""Apps that are called within a trace: OUTER says what calls, INNER what is called. Both are wrapped."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from a2wsgi import WSGIMiddleware
from ddtrace.trace import tracer
from fastapi import FastAPI
from flask import Flask, request

from rum_llm_correlation import RumSessionASGI, RumSessionWSGI

from . import work
from .serving import serve_uvicorn, serve_waitress

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def flask() -> WSGIApplication:
    app = Flask(__name__)

    @app.post("/<kind>")
    def do(kind: str) -> str:
        work.SYNC[kind](request.args["label"])
        return "done"

    return RumSessionWSGI(app)


def plain_wsgi() -> WSGIApplication:
    """An app that ddtrace knows nothing of. It works on the span that it finds."""

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        tracer.current_root_span().set_tag("seen", "1")  # type: ignore[union-attr]
        work.SYNC[environ["PATH_INFO"][1:]](parse_qs(environ["QUERY_STRING"])["label"][0])
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"done"]

    return RumSessionWSGI(app)


def fastapi() -> Any:
    app = FastAPI()

    @app.post("/{kind}")
    async def do(kind: str, label: str) -> str:
        await work.ASYNC[kind](label)
        return "done"

    if os.environ.get("ADD_MIDDLEWARE"):
        app.add_middleware(RumSessionASGI)
        return app
    return RumSessionASGI(app)


INNER = {"flask": flask, "plain-wsgi": plain_wsgi, "fastapi": fastapi}[os.environ["INNER"]]()


def in_span_wsgi(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """As a function's runtime does: a span of its own, and the app called within."""
    with tracer.trace("outer"):
        return list(INNER(environ, start_response))


async def in_span_asgi(scope: Any, receive: Any, send: Any) -> None:
    with tracer.trace("outer"):
        await INNER(scope, receive, send)


def mounted() -> Any:
    app = FastAPI()
    inner: Any = INNER if os.environ["INNER"] == "fastapi" else WSGIMiddleware(INNER)
    app.mount("/", inner)
    return RumSessionASGI(app)


if __name__ == "__main__":
    outer = os.environ["OUTER"]
    if outer == "server":
        # All requests of the server are within this span.
        with tracer.trace("outer"):
            serve_uvicorn(INNER)
    elif outer == "mounted":
        serve_uvicorn(mounted())
    elif os.environ["INNER"] == "fastapi":
        serve_uvicorn(in_span_asgi)
    else:
        serve_waitress(in_span_wsgi)
