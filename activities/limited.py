"""Liquid with limits: those of its own, and what its filters may be given."""

import functools
from collections.abc import Callable
from typing import Any

from liquid import Environment
from liquid.exceptions import ResourceLimitError

#: Of what a filter is given, so that `replace` and `join` cannot multiply it beyond reason.
_CHARACTERS, _ITEMS, _BITS = 5_000, 1_000, 15_000


class Limited(Environment):
    """Reads no files; loops, values and what comes of them have limits."""

    context_depth_limit = 20
    loop_iteration_limit = 1_000
    local_namespace_limit = 200_000
    output_stream_limit = 400_000

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        super().setup_tags_and_filters(extra=extra)
        for reads_files in ("include", "render"):
            del self.tags[reads_files]
        self.filters = {name: _limited(made) for name, made in self.filters.items()}


def _limited(applied: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(applied)  # also what Liquid writes on a filter: that it takes a context
    def within(*given: Any, **named: Any) -> Any:
        for value in (*given, *named.values()):
            kind = type(value)  # an undefined value lets nobody ask for its class
            if issubclass(kind, str) and len(value) > _CHARACTERS:
                raise ResourceLimitError("a filter is given too long a text", token=None)
            if issubclass(kind, list | tuple | range) and len(value) > _ITEMS:
                raise ResourceLimitError("a filter is given too long a list", token=None)
            if issubclass(kind, int) and value.bit_length() > _BITS:
                raise ResourceLimitError("a filter is given too large a number", token=None)
        return applied(*given, **named)

    return within
