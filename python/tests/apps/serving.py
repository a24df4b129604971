"""How the test apps are served, and wrapped: settings come by the environment."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rum_llm_correlation import RumSessionASGI, RumSessionWSGI

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Without the middleware, the tests show what ddtrace does on its own.
WRAPPED = os.environ.get("WRAPPED", "1") == "1"

_THREADS = int(os.environ.get("THREADS", "1"))


def wrapped_asgi(app: Any) -> Any:
    return RumSessionASGI(app) if WRAPPED else app


def wrapped_wsgi(app: WSGIApplication) -> WSGIApplication:
    return RumSessionWSGI(app) if WRAPPED else app


def serve_uvicorn(app: Any) -> None:
    import uvicorn

    listener = _listener()
    uvicorn.Server(uvicorn.Config(app, log_level="warning")).run([listener])


def serve_hypercorn(app: Any) -> None:
    from hypercorn.asyncio import serve
    from hypercorn.config import Config

    listener = _listener()
    config = Config()
    config.bind = [f"fd://{listener.fileno()}"]
    config.loglevel = "warning"
    asyncio.run(serve(app, config))


def serve_waitress(app: WSGIApplication) -> None:
    import waitress

    waitress.serve(app, sockets=[_listener()], threads=_THREADS, _quiet=True)


def serve_werkzeug(app: WSGIApplication) -> None:
    """Werkzeug's development server, in a single thread."""
    from werkzeug.serving import make_server

    listener = _listener()
    make_server("127.0.0.1", 0, app, fd=listener.fileno()).serve_forever()


def _listener() -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", 0))
    listener.listen(256)
    print(f"listening on {listener.getsockname()[1]}", flush=True)
    return listener


def showing_what_is_left(app: WSGIApplication) -> WSGIApplication:
    """Answers ``/left-behind``, outside of the middleware, with what earlier requests left active on the thread."""
    from ddtrace.llmobs import LLMObs
    from ddtrace.trace import tracer

    def around(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/left-behind":
            start_response("200 OK", [("Content-Type", "text/plain")])
            return [f"{tracer.context_provider.active()}, {len(LLMObs._instance._annotations)} annotations".encode()]
        return app(environ, start_response)

    return around
