from __future__ import annotations

import time
import timeit
from typing import Callable

TRIES = 10


def grows_no_faster_than_its_input(short: Callable[[], object], long: Callable[[], object]) -> bool:
    """Whether a call with eight times the input takes far less than the 64 times as long that the square of its length would.

    It goes by the processor's time without garbage collection, and one try of several suffices: a busy machine slows single
    tries down, while what takes the square of the length does so each time.
    """

    def seconds(call: Callable[[], object]) -> float:
        return min(timeit.repeat(call, timer=time.thread_time, repeat=5, number=1))

    return any(seconds(long) < 24 * seconds(short) + 0.005 for _ in range(TRIES))
