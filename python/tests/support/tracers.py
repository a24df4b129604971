from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest

from rum_llm_correlation.running_request import RunningRequest


class StubTracer:
    """Stands in for `_ddtrace`: it says what the middleware does with it, and can raise in one of the places that it calls."""

    WAYS: ClassVar[list[str]] = [
        "no module",
        "active",
        "activate",
        "RequestTrace",
        "begin",
        "end",
        "annotation",
        "enter",
        "exit",
    ]

    def __init__(self, breaks: str = "") -> None:
        self._breaks = breaks
        self.enabled = True
        self.calls: list[str] = []

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        llmobs = ModuleType("ddtrace.llmobs")
        llmobs.LLMObs = self  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "ddtrace.llmobs", llmobs)
        own: Any = None if self._breaks == "no module" else self
        monkeypatch.setitem(sys.modules, "rum_llm_correlation._ddtrace", own)

    def active(self) -> Any:
        self._do("active")
        return SimpleNamespace(trace=None)

    def activate(self, _active: object) -> None:
        self._do("activate")

    def RequestTrace(self, _request: RunningRequest, _session_id: object) -> StubTracer:  # noqa: N802
        return self._do("RequestTrace")

    def begin(self, *_arguments: object) -> None:
        self._do("begin")

    def end(self) -> None:
        self._do("end")

    def has_session(self) -> bool:
        return True

    def annotation(self, tags: dict[str, str]) -> StubTracer:
        assert tags == {"usr.id": "u"}
        return self._do("annotation")

    def __enter__(self) -> StubTracer:
        return self._do("enter")

    def __exit__(self, *_arguments: object) -> None:
        self._do("exit")

    def _do(self, what: str) -> StubTracer:
        self.calls.append(what)
        if what == self._breaks:
            raise RuntimeError(f"The tracer broke: {what}")
        return self
