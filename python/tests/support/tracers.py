from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, ClassVar

import pytest


class StubTracer:
    """A ddtrace that is on: it says what the middleware does with it, and can raise in one of the places that it calls."""

    WAYS: ClassVar[list[str]] = [
        "no modules",
        "extract",
        "activate",
        "activate previous",
        "active",
        "current_span",
        "annotation_context",
        "enter",
        "exit",
    ]

    def __init__(self, breaks: str = "") -> None:
        self._breaks = breaks
        self.calls: list[str] = []

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        modules: dict[str, dict[str, Any]] = {
            "ddtrace": {},
            "ddtrace.llmobs": {"LLMObs": self},
            "ddtrace.trace": {"tracer": self},
            "ddtrace.propagation": {},
            "ddtrace.propagation.http": {"HTTPPropagator": self},
        }
        for name, members in modules.items():
            module = ModuleType(name)
            for member, value in members.items():
                if self._breaks != "no modules" or member == "LLMObs":
                    setattr(module, member, value)
            monkeypatch.setitem(sys.modules, name, module)

    enabled = True
    trace_id = 1

    @property
    def context_provider(self) -> StubTracer:
        return self

    def extract(self, _headers: dict[str, str]) -> StubTracer:
        return self._do("extract")

    def activate(self, context: object) -> StubTracer:
        return self._do("activate" if context is self else "activate previous")

    def active(self) -> str:
        self._do("active")
        return "previous"

    def current_span(self) -> StubTracer:
        return self._do("current_span")

    def annotation_context(self, tags: dict[str, str]) -> StubTracer:
        assert tags == {"usr.id": "u"}
        return self._do("annotation_context")

    def __enter__(self) -> StubTracer:
        return self._do("enter")

    def __exit__(self, *_arguments: object) -> None:
        self._do("exit")

    def _do(self, what: str) -> StubTracer:
        self.calls.append(what)
        if what == self._breaks:
            raise RuntimeError(f"The tracer broke: {what}")
        return self
