"""An agent of Datadog's that only remembers what it gets."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Optional

from .msgpack import unpack


class StubAgent:
    """Stands in for Datadog's agent on this machine, and keeps the session of each LLM span that a tracer sends."""

    def __init__(self, url: str) -> None:
        """Takes the address that it listens on."""
        self.url = url
        #: By the name of the span.
        self.sessions: dict[str, Optional[str]] = {}

    def receive(self, path: str, body: bytes) -> object:
        """Takes a request of the tracer, and gives the answer."""
        if path == "/info":
            return {"endpoints": ["/v0.4/traces", "/evp_proxy/v2/"]}
        if path == "/v0.4/traces" and body:
            # ddtrace sends an LLM span within its APM span; before 4.14 or so, on its own.
            for trace in unpack(body):
                for span in trace:
                    self._keep_span_in(span)
        elif path.endswith("/api/v2/llmobs") and body:
            batches: Any = json.loads(body)
            for batch in batches if isinstance(batches, list) else [batches]:
                self._keep(batch.get("spans", []))
        return {"rate_by_service": {}}

    def _keep_span_in(self, span: dict[str, Any]) -> None:
        packed = (span.get("meta_struct") or {}).get("_llmobs")
        if packed is not None:
            self._keep([{"name": span["name"], **unpack(packed)}])

    def _keep(self, spans: list[dict[str, Any]]) -> None:
        self.sessions.update({span["name"]: span.get("session_id") for span in spans})


@contextmanager
def running_stub_agent() -> Iterator[StubAgent]:
    """Runs an agent on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    agent = StubAgent(f"http://127.0.0.1:{server.server_address[1]}")
    _Handler.agent = agent
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield agent
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    agent: StubAgent

    def _answer(self) -> None:
        body = self._read()
        if self.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        answer = json.dumps(self.agent.receive(self.path, body)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST = do_PUT = _answer  # noqa: N815

    def _read(self) -> bytes:
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        chunks = []
        while size := int(self.rfile.readline(), 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        return b"".join(chunks)

    def log_message(self, *_args: Any) -> None:
        """It is nobody's server but the command's."""
