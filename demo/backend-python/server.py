"""The AI agent's HTTP server. Started as `ddtrace-run python server.py`."""

import json
import os
import signal
import sys
import threading
import time
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

from ddtrace.llmobs import LLMObs

from agent import agent_loop, record_feedback
from carried import carried_by
from carriers import SESSION_ID_FROM, user_tags
from request_body import BadRequest, read_body
from request_tracing import traced_request

CORS_HEADERS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "content-type, baggage, x-datadog-tags, x-datadog-trace-id, x-datadog-parent-id, "
    "x-datadog-origin, x-datadog-sampling-priority, traceparent, tracestate",
    "Access-Control-Max-Age": "600",
    "Timing-Allow-Origin": "*",
}


class MessagesHandler(BaseHTTPRequestHandler):
    def do_OPTIONS(self):
        self._answer(204)

    def do_GET(self):
        self._handle()

    def do_POST(self):
        self._handle()

    def _handle(self):
        url = urlsplit(self.path)
        carrier, _, action = url.path.lstrip("/").partition("/")
        if carrier not in SESSION_ID_FROM or action not in ("chat", "feedback"):
            return self._answer(404)
        try:
            with traced_request(self.command, url.path, dict(self.headers)):
                self._handle_message(carrier, action, dict(parse_qsl(url.query)))
        except BadRequest as error:
            self._answer(400, str(error))
        except ConnectionError:
            pass  # the page is gone
        except Exception:
            traceback.print_exc()
            self._send_event({"error": "The agent failed"})

    def _handle_message(self, carrier, action, query):
        text, body = read_body(self)
        session_id = SESSION_ID_FROM[carrier](body, query)

        if action == "feedback":
            record_feedback(body.get("vote"), body.get("trace_id"), session_id, user_tags())
            return self._answer(204)

        message = body.get("message") or query.get("message")
        if not message:
            raise BadRequest("There is no message")
        carried = carried_by(self.path, self.headers, text)
        self._start_event_stream()
        agent_loop(
            message=str(message),
            session_id=session_id,
            tags=user_tags(),
            on_trace=lambda trace_id: self._send_event(
                {"trace_id": trace_id, "session_id": session_id, "carried": carried}
            ),
            on_delta=lambda delta: self._send_event({"delta": delta}),
        )
        self._send_event({"done": True})

    def _answer(self, status, text=""):
        self.send_response(status)
        self._send_headers({"Content-Length": str(len(text.encode()))})
        self.wfile.write(text.encode())

    def _start_event_stream(self):
        self.send_response(200)
        self._send_headers({"Content-Type": "text/event-stream", "Cache-Control": "no-store"})

    def _send_event(self, data):
        self.wfile.write(f"data: {json.dumps(data)}\n\n".encode())

    def _send_headers(self, headers):
        for name, value in {**CORS_HEADERS, **headers}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_args):
        pass


def _stop_with_parent(stop):
    # Nobody needs the agent when the process that started it is gone without having stopped it.
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(1)
    stop()


def main():
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT") or 0)), MessagesHandler)

    def stop(*_args):
        threading.Thread(target=server.shutdown).start()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    threading.Thread(target=_stop_with_parent, args=[stop], daemon=True).start()
    print(f"agent listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
    LLMObs.flush()
    sys.exit(0)


if __name__ == "__main__":
    main()
