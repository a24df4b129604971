from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Callable

import pytest
from hypothesis import settings

from .support.backend import Backend, running_backend
from .support.datadog import Datadog, running_datadog
from .support.lambda_function import LambdaFunction, running_function
from .support.model import running_model

# A busy machine takes its time; what does not finish at all is noticed all the same.
settings.register_profile("steady", deadline=None, database=None)
settings.load_profile("steady")

#: Starts a test app, or returns the one that was started before: a name in tests/apps, and its environment.
StartBackend = Callable[..., Backend]

#: Starts a Lambda function, or returns the one that was started before: a name in tests/apps/lambda_functions.py.
StartFunction = Callable[..., LambdaFunction]


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


@pytest.fixture(scope="session")
def start_function(datadog: Datadog, model_url: str) -> Iterator[StartFunction]:
    started: dict[tuple[object, ...], LambdaFunction] = {}
    with ExitStack() as stack:

        def start(name: str, *, layer: bool = True, **env: str) -> LambdaFunction:
            key = (name, layer, *sorted(env.items()))
            if key not in started:
                function = running_function(name, agent_url=datadog.url, model_url=model_url, layer=layer, env=env)
                started[key] = stack.enter_context(function)
            return started[key]

        yield start
