"""How the test apps are served, and wrapped: settings come by the environment."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rum_llm_correlation import RumSessionASGI, RumSessionWSGI
from rum_llm_correlation.asgi_types import ASGIApp

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

#: Without the middleware, the tests show what ddtrace does on its own.
WRAPPED = os.environ.get("WRAPPED", "1") == "1"

_THREADS = int(os.environ.get("THREADS", "1"))


def wrapped_asgi(app: ASGIApp) -> ASGIApp:
    return RumSessionASGI(app) if WRAPPED else app


def wrapped_wsgi(app: WSGIApplication) -> WSGIApplication:
    return RumSessionWSGI(app) if WRAPPED else app


def serve_uvicorn(app: ASGIApp) -> None:
    import uvicorn

    listener = _listener()
    loop, http = os.environ.get("UVICORN", "asyncio h11").split()
    config = uvicorn.Config(app, loop=loop, http=http, log_level="warning")
    uvicorn.Server(config).run([listener])


def serve_hypercorn(app: ASGIApp) -> None:
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


def serve_granian(app: ASGIApp) -> None:
    from granian.constants import Interfaces
    from granian.server.embed import Server

    # Granian binds the port by itself.
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)

    async def serve() -> None:
        serving = asyncio.create_task(server.serve())
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
                break
            await asyncio.sleep(0.05)
        print(f"listening on {port}", flush=True)
        await serving

    asyncio.run(serve())


def serve_gunicorn(app: WSGIApplication) -> None:
    """In the kind of worker that WORKER names, with THREADS threads."""
    from gunicorn.app.base import BaseApplication

    class Application(BaseApplication):  # type: ignore[misc]
        def load_config(self) -> None:
            self.cfg.set("bind", "127.0.0.1:0")
            self.cfg.set("worker_class", os.environ["WORKER"])
            self.cfg.set("threads", _THREADS)
            self.cfg.set("keepalive", 5)
            self.cfg.set("loglevel", "error")
            self.cfg.set("when_ready", self._say_port)

        def _say_port(self, server: Any) -> None:
            print(f"listening on {server.LISTENERS[0].sock.getsockname()[1]}", flush=True)

        def load(self) -> WSGIApplication:
            return app

    Application().run()


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


ASGI_SERVERS = {"uvicorn": serve_uvicorn, "hypercorn": serve_hypercorn, "granian": serve_granian}
WSGI_SERVERS = {"waitress": serve_waitress, "werkzeug": serve_werkzeug, "gunicorn": serve_gunicorn}
