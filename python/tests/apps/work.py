"""Ways in which an app works for a request. Each makes three LLM spans, which carry the request's label."""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import AsyncIterator, Awaitable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Callable

from ddtrace.llmobs import LLMObs

SPANS = 3

_pool = ThreadPoolExecutor(4)


def span(label: str) -> None:
    with LLMObs.workflow(name="work") as made:
        LLMObs.annotate(made, input_data=label)


async def span_async(label: str) -> None:
    with LLMObs.workflow(name="work") as made:
        LLMObs.annotate(made, input_data=label)
        await asyncio.sleep(0.001)


# Synchronous ways


def in_a_row(label: str) -> None:
    for _ in range(SPANS):
        span(label)


def in_a_pool(label: str) -> None:
    span(label)
    _pool.submit(span, label).result()
    span(label)


def in_a_worker_thread(label: str) -> None:
    """A thread that the first request starts works for all that come."""
    _worker_thread.do(label)


class _WorkerThread:
    def __init__(self) -> None:
        self._jobs: queue.Queue[tuple[str, Future[None]]] = queue.Queue()
        self._lock = threading.Lock()
        self._running = False

    def do(self, label: str) -> None:
        with self._lock:
            if not self._running:
                self._running = True
                ThreadPoolExecutor(1).submit(self._work)
        done: Future[None] = Future()
        self._jobs.put((label, done))
        done.result(20)

    def _work(self) -> None:
        while True:
            label, done = self._jobs.get()
            in_a_row(label)
            done.set_result(None)


_worker_thread = _WorkerThread()


def stream(label: str) -> Iterator[bytes]:
    for _ in range(SPANS):
        span(label)
        yield b"part\n"


def stream_with_pool(label: str) -> Iterator[bytes]:
    yield b"part\n"
    in_a_pool(label)
    yield b"part\n"


# Asynchronous ways


async def in_a_row_async(label: str) -> None:
    for _ in range(SPANS):
        await span_async(label)


async def in_to_thread(label: str) -> None:
    await span_async(label)
    await asyncio.to_thread(span, label)
    await span_async(label)


async def in_an_executor(label: str) -> None:
    await span_async(label)
    await asyncio.get_running_loop().run_in_executor(_pool, span, label)
    await span_async(label)


async def in_tasks(label: str) -> None:
    await asyncio.create_task(in_a_row_async(label))


async def in_a_group(label: str) -> None:
    await asyncio.gather(*(asyncio.create_task(span_async(label)) for _ in range(SPANS)))


async def in_a_task_begun_in_a_span(label: str) -> None:
    with LLMObs.workflow(name="work") as made:
        LLMObs.annotate(made, input_data=label)
        task = asyncio.create_task(_two_spans(label))
    await task


async def _two_spans(label: str) -> None:
    await span_async(label)
    await span_async(label)


async def stream_async(label: str) -> AsyncIterator[bytes]:
    for _ in range(SPANS):
        await span_async(label)
        yield b"part\n"


class Worker:
    """A task that the first request starts works for all that come; ``begun_in_a_span`` says where it is started."""

    def __init__(self, *, begun_in_a_span: bool = False, in_tasks_of_its_own: bool = False) -> None:
        self._begun_in_a_span = begun_in_a_span
        self._in_tasks_of_its_own = in_tasks_of_its_own
        self._jobs: asyncio.Queue[tuple[str, asyncio.Future[None]]] | None = None

    def start(self, label: str) -> None:
        """Makes the three spans of the request, too."""
        self._jobs = asyncio.Queue()
        in_a_row(label) if not self._begun_in_a_span else (span(label), span(label))
        if self._begun_in_a_span:
            with LLMObs.workflow(name="work") as made:
                LLMObs.annotate(made, input_data=label)
                self._task = asyncio.create_task(self._work())
        else:
            self._task = asyncio.create_task(self._work())

    async def do(self, label: str) -> None:
        if self._jobs is None:
            self.start(label)
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._jobs.put((label, done))
        await done

    async def _work(self) -> None:
        assert self._jobs is not None
        while True:
            label, done = await self._jobs.get()
            if self._in_tasks_of_its_own:
                await asyncio.create_task(in_a_row_async(label))
            else:
                await in_a_row_async(label)
            done.set_result(None)


SYNC: dict[str, Callable[[str], None]] = {
    "row": in_a_row,
    "pool": in_a_pool,
    "worker-thread": in_a_worker_thread,
}

STREAMS: dict[str, Callable[[str], Iterator[bytes]]] = {"stream": stream, "stream-with-pool": stream_with_pool}

ASYNC: dict[str, Callable[[str], Awaitable[None]]] = {
    "row-async": in_a_row_async,
    "to-thread": in_to_thread,
    "executor": in_an_executor,
    "tasks": in_tasks,
    "group": in_a_group,
    "task-begun-in-a-span": in_a_task_begun_in_a_span,
    "worker": Worker().do,
    "worker-begun-in-a-span": Worker(begun_in_a_span=True).do,
    "worker-with-tasks": Worker(in_tasks_of_its_own=True).do,
}
