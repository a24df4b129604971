"""The handler of Datadog's guide to the correlation of RUM and LLM Observability, on Python's own http.server.

This server is neither ASGI nor WSGI, so nothing can be wrapped around it. Its handler calls
`rum_session_of`, which finds the session with each carrier. Start: `ddtrace-run python server.py`.
"""

from __future__ import annotations

import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from ddtrace.llmobs import LLMObs
from openai import OpenAI
from rum_llm_correlation import RumSession, rum_session_of

from request_tracing import traced_request


class MessagesHandler(BaseHTTPRequestHandler):
    """Answers the messages of the guide's page."""

    def do_POST(self) -> None:
        """Answers one message."""
        try:
            with traced_request(self.command, self.path, dict(self.headers)):
                post_data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                message_data = json.loads(post_data.decode("utf-8"))
                session = rum_session_of(self.headers, urlsplit(self.path).query, post_data)
                self._answer(200, agent_loop(message_data.get("message", ""), session))
        except Exception as error:
            self._answer(500, str(error))

    def _answer(self, status: int, text: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_args: object) -> None:
        """Says nothing of requests."""


def agent_loop(message: str, session: RumSession) -> str:
    """Asks the model, in a span that has the session."""
    with (
        LLMObs.annotation_context(tags=session.tags),
        LLMObs.agent(name="guide_agent", session_id=session.session_id) as span,
    ):
        completion = OpenAI().chat.completions.create(
            model="gpt-4o-mini", messages=[{"role": "user", "content": message}]
        )
        answer = completion.choices[0].message.content or ""
        LLMObs.annotate(span=span, input_data=message, output_data=answer)
        return answer


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT") or 0)), MessagesHandler)
    print(f"agent listening on http://127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()
