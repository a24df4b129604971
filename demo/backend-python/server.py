"""The AI agent's HTTP server. Started as `ddtrace-run python server.py`."""

import contextlib
import json
import os
import socket
import threading
import time
import traceback
from collections.abc import AsyncIterator
from typing import Literal

import uvicorn
from ddtrace.llmobs import LLMObs
from ddtrace.trace import tracer
from fastapi import FastAPI, HTTPException, Request, Response, WebSocket
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import StreamingResponse
from rum_llm_correlation import RumSessionASGI, rum_session_of

from agent import Event, agent_loop, record_feedback
from carried import carried_by, keeping_the_wire
from request_body import read_body

# The paths are `/{carrier}/chat` and `/{carrier}/feedback`. No handler treats a carrier in its own
# way:
# RumSessionASGI hands the session over.
Carrier = Literal["body", "query", "baggage", "trace-tags"]


@contextlib.asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
    """Sends the last spans when the server stops."""
    yield
    LLMObs.flush()


app = FastAPI(lifespan=lifespan)
app.add_middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_methods=["GET", "POST"],
    allow_headers=[
        *("content-type", "baggage", "traceparent", "tracestate"),
        *("x-datadog-tags", "x-datadog-trace-id", "x-datadog-parent-id"),
        *("x-datadog-origin", "x-datadog-sampling-priority"),
    ],
)


@app.api_route("/{carrier}/chat", methods=["GET", "POST"])
async def chat(carrier: Carrier, request: Request) -> StreamingResponse:
    """Answers a question as a stream of events."""
    text, fields = await read_body(request)
    message = fields.get("message") or request.query_params.get("message")
    if not message:
        raise HTTPException(400, "There is no message")
    events = answer(str(message), carried_by(request, text))
    return StreamingResponse(
        (f"data: {json.dumps(event)}\n\n" async for event in events),
        media_type="text/event-stream",
        headers={
            "Cache-Control": "no-store",
            **server_timing(),
            "Timing-Allow-Origin": "*",
        },
    )


def server_timing() -> dict[str, str]:
    """Tells the page the trace of its call as RUM writes it: 64 bits, decimal."""
    span = tracer.current_span()
    return {"Server-Timing": f'dd-llm-trace;desc="{span.trace_id % 2**64}"'} if span else {}


@app.post("/{carrier}/feedback")
async def feedback(carrier: Carrier, request: Request) -> Response:
    """Records what the person thought of an answer."""
    text, fields = await read_body(request)
    helpful, trace_id = fields.get("helpful"), fields.get("trace_id")
    if not isinstance(helpful, bool) or not trace_id:
        raise HTTPException(400, "The feedback is not complete")
    # A beacon takes no headers. So its body has the id, whatever the carrier.
    session = rum_session_of(request.headers, request.url.query, text)
    record_feedback(helpful, str(trace_id), session.session_id, session.tags.get("usr.id"))
    return Response(status_code=204)


@app.websocket("/{carrier}/chat")
async def chat_by_web_socket(carrier: Carrier, web_socket: WebSocket) -> None:
    """Answers one question after the other over a WebSocket."""
    await web_socket.accept()
    async for text in web_socket.iter_text():
        async for event in answer(str(json.loads(text)["message"]), carried_by(web_socket)):
            await web_socket.send_json(event)


async def answer(message: str, carried: list[dict[str, str]]) -> AsyncIterator[Event]:
    """Yields the events for the page: the id of the trace, the pieces of the answer, and its end."""
    try:
        async for event in agent_loop(message):
            yield {**event, "carried": carried} if "trace_id" in event else event
        yield {"done": True}
    except Exception:
        traceback.print_exc()
        yield {"error": "The agent failed"}


served = keeping_the_wire(RumSessionASGI(app))


def _stop_with_parent(server: uvicorn.Server) -> None:
    # If the process that started the agent has died, nobody needs the agent.
    parent = os.getppid()
    while os.getppid() == parent:
        time.sleep(1)
    server.should_exit = True


def main() -> None:
    """Serves until the process is stopped, or its parent is gone."""
    listener = socket.create_server(("127.0.0.1", int(os.environ.get("PORT") or 0)))
    server = uvicorn.Server(uvicorn.Config(served, log_level="warning", timeout_graceful_shutdown=1))
    threading.Thread(target=_stop_with_parent, args=[server], daemon=True).start()
    print(f"agent listening on http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


if __name__ == "__main__":
    main()
