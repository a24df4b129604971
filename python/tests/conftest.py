from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Callable

import pytest
from hypothesis import settings

from .support.backend import Backend, running_backend
from .support.datadog import Datadog, running_datadog
from .support.model import running_model

# A busy machine takes its time; what does not finish at all is noticed all the same.
settings.register_profile("steady", deadline=None, database=None)
settings.load_profile("steady")

#: Starts a test app, or returns the one that was started before: a name in tests/apps, and its environment.
StartBackend = Callable[..., Backend]


@pytest.fixture(scope="session")
def datadog() -> Iterator[Datadog]:
    with running_datadog() as running:
        yield running


@pytest.fixture(scope="session")
def model_url() -> Iterator[str]:
    with running_model() as url:
        yield url


@pytest.fixture(scope="session")
def start_backend(datadog: Datadog, model_url: str) -> Iterator[StartBackend]:
    started: dict[tuple[object, ...], Backend] = {}
    with ExitStack() as stack:

        def start(app: str, *, ddtrace: bool = True, **env: str) -> Backend:
            key = (app, ddtrace, *sorted(env.items()))
            if key not in started:
                backend = running_backend(app, agent_url=datadog.url, model_url=model_url, env=env, ddtrace=ddtrace)
                started[key] = stack.enter_context(backend)
            return started[key]

        yield start
