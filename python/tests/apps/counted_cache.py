from __future__ import annotations

from typing import Any

from django.core.cache.backends.locmem import LocMemCache


class CountedCache(LocMemCache):  # type: ignore[misc]
    """Django makes one for each context in which the app asks for its cache: with Redis, a connection each."""

    made = 0

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        CountedCache.made += 1
