"""The push services that browsers use. An endpoint comes from a person: it leads nowhere else."""

from collections.abc import Sequence
from dataclasses import dataclass

#: Of Chrome and its kin, Firefox, Edge and Safari. A browser asks none but its vendor's.
KNOWN = (
    "fcm.googleapis.com",
    "*.push.services.mozilla.com",
    "*.notify.windows.com",
    "*.push.apple.com",
)


@dataclass(frozen=True)
class Services:
    """The known ones, by https alone, and those of an operator, which may be on its own network."""

    own: Sequence[str] = ()

    def allow(self, host: str, *, https: bool) -> bool:
        return self.are_own(host) or (https and _among(host, KNOWN))

    def are_own(self, host: str) -> bool:
        """Whether an operator named it: then it may have a private address, and plain http."""
        return _among(host, self.own)


def _among(host: str, named: Sequence[str]) -> bool:
    return any(_fits(host.lower(), name) for name in named)


def _fits(host: str, name: str) -> bool:
    return host.endswith(name[1:]) if name.startswith("*.") else host == name
