"""Libraries that an installation may do without, until it configures what needs them."""

from importlib.util import find_spec


def needs(module: str, *, library: str, extra: str) -> None:
    """Raises ValueError, which names the extra to install, where the library is not there."""
    if find_spec(module) is None:
        raise ValueError(f"{library} is not installed: it is in the extra `{extra}`")
