"""The server that ``doctor`` starts under the user's own tracer: each request makes one LLM span, named by a header."""

from __future__ import annotations

import asyncio
import io
import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TextIO
from wsgiref.simple_server import WSGIRequestHandler, make_server

import ddtrace.auto  # noqa: F401  # it comes first, as with ddtrace-run
from ddtrace.llmobs import LLMObs

from rum_llm_correlation import RumSessionASGI, RumSessionWSGI

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from rum_llm_correlation.asgi_types import Message, Receive, Scope, Send


def _make_span(name: str) -> None:
    with LLMObs.llm(model_name="none", name=name):
        LLMObs.annotate(input_data="hello", output_data="hello")


def _wsgi_app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    _make_span(environ["HTTP_X_DOCTOR"])
    start_response("200 OK", [])
    return [b""]


async def _asgi_app(scope: Scope, receive: Receive, send: Send) -> None:
    while (await receive()).get("more_body"):
        pass
    _make_span(dict(scope["headers"])[b"x-doctor"].decode())
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b""})


def _calling_asgi(app: RumSessionASGI) -> WSGIApplication:
    """A WSGI app that calls an ASGI app, as far as this server needs it."""

    def call(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return messages.pop(0) if messages else {"type": "http.disconnect"}

        async def send(_message: Message) -> None:
            pass

        asyncio.run(app(_scope_of(environ), receive, send))
        start_response("200 OK", [])
        return [b""]

    return call


def _scope_of(environ: WSGIEnvironment) -> Scope:
    headers = [(name[5:], value) for name, value in environ.items() if name.startswith("HTTP_")]
    headers += [(name, environ[name]) for name in ("CONTENT_TYPE", "CONTENT_LENGTH") if environ.get(name)]
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http",
        "method": environ["REQUEST_METHOD"],
        "path": environ["PATH_INFO"],
        "raw_path": environ["PATH_INFO"].encode(),
        "query_string": environ["QUERY_STRING"].encode(),
        "headers": [(name.replace("_", "-").lower().encode(), value.encode("latin-1")) for name, value in headers],
    }


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *_args: Any) -> None:
        """What it answers is no news."""

    def get_stderr(self) -> TextIO:
        return sys.stderr or io.StringIO()


def main() -> None:
    """Serves one app by ASGI and one by WSGI, and asks each as the doctor says."""
    field = os.environ["DOCTOR_FIELD"]
    asgi = _calling_asgi(RumSessionASGI(_asgi_app, field=field))
    wsgi = RumSessionWSGI(_wsgi_app, field=field)

    def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        return (asgi if environ["PATH_INFO"] == "/asgi" else wsgi)(environ, start_response)

    with make_server("127.0.0.1", 0, app, handler_class=_QuietHandler) as server:
        print(f"listening on {server.server_port}", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main()
