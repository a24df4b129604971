"""Which settings of the tracer keep sessions away."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .report import Finding

Environment = Mapping[str, str]

#: The length of ``_dd.p.llmobs_sid=`` and a session id.
_TAG_LENGTH = 53
_STYLES = ("DD_TRACE_PROPAGATION_STYLE_EXTRACT", "DD_TRACE_PROPAGATION_STYLE", "OTEL_PROPAGATORS")
_BEHAVIOR = "DD_TRACE_PROPAGATION_BEHAVIOR_EXTRACT"
_TAGS = "DD_TRACE_X_DATADOG_TAGS_MAX_LENGTH"


def inspect_settings(env: Environment) -> list[Finding]:
    """The settings of the tracer that commonly keep sessions away."""
    return [
        _inspect_observability(env),
        _inspect_ml_app(env),
        *_inspect_key(env),
        _inspect_styles(env),
        _inspect_behavior(env),
        *_inspect_tags_length(env),
    ]


def _inspect_observability(env: Environment) -> Finding:
    name = "DD_LLMOBS_ENABLED"
    value = env.get(name, "")
    if value.lower() in ("1", "true"):
        return Finding("ok", name, value)
    todo = (
        "Start the server with DD_LLMOBS_ENABLED=1. If its code switches it on (LLMObs.enable()), run: "
        "DD_LLMOBS_ENABLED=1 python -m rum_llm_correlation doctor"
    )
    return Finding("failed", name, f"{value or 'not set'}: there are no LLM spans", todo)


def _inspect_ml_app(env: Environment) -> Finding:
    name = "DD_LLMOBS_ML_APP"
    if env.get(name):
        return Finding("ok", name, env[name])
    todo = f"Start the server with {name}=<name of your application>."
    return Finding("note", name, "not set: the spans stand under the name of the service, or there are none", todo)


def _inspect_key(env: Environment) -> list[Finding]:
    if env.get("DD_LLMOBS_AGENTLESS_ENABLED", "").lower() not in ("1", "true") or env.get("DD_API_KEY"):
        return []
    message = "not set: without an agent and without a key, no span reaches Datadog"
    todo = "Start the server with DD_API_KEY=<your key>, or with an agent and without DD_LLMOBS_AGENTLESS_ENABLED."
    return [Finding("note", "DD_API_KEY", message, todo)]


def _inspect_styles(env: Environment) -> Finding:
    name = next((style for style in _STYLES if env.get(style)), _STYLES[0])
    value = env.get(name)
    if not value:
        return Finding("ok", name, "not set: the default reads what is needed")
    styles = [style.lower() for style in re.split(r"[\s,]+", value)]
    todo = f"Take {name} out, or: {name}=datadog,tracecontext,baggage"
    if "datadog" not in styles:
        return Finding("failed", name, f"{value}: without datadog most requests lose the session", todo)
    if "tracecontext" not in styles:
        return Finding("note", name, f"{value}: requests that bring only a traceparent lose the session", todo)
    return Finding("ok", name, value)


def _inspect_behavior(env: Environment) -> Finding:
    value = env.get(_BEHAVIOR, "")
    if value.lower() in ("restart", "ignore"):
        message = f"{value}: what a request brings is not taken on, the session included"
        return Finding("failed", _BEHAVIOR, message, f"Take {_BEHAVIOR} out.")
    return Finding("ok", _BEHAVIOR, value or "not set: the default takes on what a request brings")


def _inspect_tags_length(env: Environment) -> list[Finding]:
    value = env.get(_TAGS, "")
    if not value.isdecimal() or int(value) >= _TAG_LENGTH:
        return []
    message = f"{value}: the session's tag has {_TAG_LENGTH} characters"
    return [Finding("failed", _TAGS, message, f"Take {_TAGS} out: the default is 512.")]
