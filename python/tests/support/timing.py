from __future__ import annotations

import time
from typing import Callable


def best_time(call: Callable[[], object]) -> float:
    """Seconds that a call takes when nothing else gets in its way."""

    def once() -> float:
        start = time.perf_counter()
        call()
        return time.perf_counter() - start

    return min(once() for _ in range(5))
