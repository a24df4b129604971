"""The functions of the tests. Only the lines that wrap them know of a session."""

from __future__ import annotations

import json
import re
from typing import Any

from aws_lambda_powertools.event_handler import (
    ALBResolver,
    APIGatewayHttpResolver,
    APIGatewayRestResolver,
    LambdaFunctionUrlResolver,
)
from chalice.app import Chalice, ConvertToMiddleware
from datadog_lambda.wrapper import datadog_lambda_wrapper
from ddtrace.llmobs import LLMObs
from ddtrace.trace import tracer
from fastapi import FastAPI, Request
from mangum import Mangum

from rum_llm_correlation import RumSessionLambda

from . import agent


def _label_of(event: Any) -> str:
    found = re.search(r"label-[0-9a-f-]{36}", json.dumps(event))
    assert found is not None
    return found[0]


def plain(event: Any, context: Any) -> dict[str, Any]:
    return {"statusCode": 200, "body": agent.answer(_label_of(event)), "seen": event}


def explicit(event: Any, context: Any) -> dict[str, Any]:
    return {"statusCode": 200, "body": agent.answer(_label_of(event), session_id="explicit")}


def failing(event: Any, context: Any) -> None:
    agent.answer(_label_of(event))
    raise ValueError("The handler failed")


wrapped = RumSessionLambda(plain)
wrapped_explicit = RumSessionLambda(explicit)
wrapped_failing = RumSessionLambda(failing)


@RumSessionLambda(field="metadata.chat")
def wrapped_with_field(event: Any, context: Any) -> dict[str, Any]:
    return plain(event, context)


# For functions that wrap themselves, without the layer's handler.
@datadog_lambda_wrapper  # type: ignore[untyped-decorator]
@RumSessionLambda
def wraps_itself(event: Any, context: Any) -> dict[str, Any]:
    return plain(event, context)


api = FastAPI()


@api.api_route("/chat", methods=["GET", "POST"])
async def chat(request: Request) -> str:
    return await agent.answer_async(request.headers["x-label"])


@api.api_route("/prod/chat", methods=["GET", "POST"])
def chat_of_stage(request: Request) -> str:
    return agent.answer(request.headers["x-label"])


with_mangum = RumSessionLambda(Mangum(api, lifespan="off"))

_RESOLVERS = {
    "rest": APIGatewayRestResolver(),
    "http": APIGatewayHttpResolver(),
    "url": LambdaFunctionUrlResolver(),
    "elb": ALBResolver(),
}


def _answer_in(app: Any) -> None:
    @app.route("/chat", method=["GET", "POST"])  # type: ignore[untyped-decorator]
    def chat_route() -> dict[str, str]:
        return {"answer": agent.answer(_label_of(app.current_event.raw_event))}


for _resolver in _RESOLVERS.values():
    _answer_in(_resolver)


@RumSessionLambda
def with_powertools(event: Any, context: Any) -> dict[str, Any]:
    request_context = event["requestContext"]
    if "elb" in request_context:
        kind = "elb"
    elif event.get("version") == "2.0":
        kind = "url" if "lambda-url" in request_context["domainName"] else "http"
    else:
        kind = "rest"
    return _RESOLVERS[kind].resolve(event, context)


with_chalice = Chalice(app_name="agent")
with_chalice.register_middleware(ConvertToMiddleware(RumSessionLambda), "all")


@with_chalice.route("/chat", methods=["GET", "POST"], content_types=["application/json", "text/plain"])
def chalice_chat() -> dict[str, str]:
    request = with_chalice.current_request
    assert request is not None
    return {"answer": agent.answer(request.headers["x-label"])}


def left_behind(event: Any, context: Any) -> str:
    """Calls a function that wraps itself, and says what is active afterwards."""
    wraps_itself(event, context)
    return f"{tracer.context_provider.active()}, {len(LLMObs._instance._annotations)} annotations"
