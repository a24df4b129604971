from __future__ import annotations

import sys
from types import ModuleType
from typing import Any, ClassVar

import pytest


class BrokenTracer:
    """A ddtrace that is on, and raises in one of the places that the middleware calls."""

    WAYS: ClassVar[list[str]] = [
        "no modules",
        "extract",
        "activate",
        "active",
        "current_span",
        "annotation_context",
        "enter",
        "exit",
    ]

    def __init__(self, breaks: str) -> None:
        self._breaks = breaks

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
    def context_provider(self) -> BrokenTracer:
        return self

    def extract(self, _headers: dict[str, str]) -> BrokenTracer:
        return self._do("extract")

    def activate(self, _context: object) -> BrokenTracer:
        return self._do("activate")

    def active(self) -> BrokenTracer:
        return self._do("active")

    def current_span(self) -> BrokenTracer:
        return self._do("current_span")

    def annotation_context(self, tags: dict[str, str]) -> BrokenTracer:
        assert tags == {"usr.id": "u"}
        return self._do("annotation_context")

    def __enter__(self) -> BrokenTracer:
        return self._do("enter")

    def __exit__(self, *_arguments: object) -> None:
        self._do("exit")

    def _do(self, what: str) -> BrokenTracer:
        if what == self._breaks:
            raise RuntimeError(f"The tracer broke: {what}")
        return self
