"""A copy of this checkout with one provider more, and the processes of that copy."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

import httpx
from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter

from providers.known import PREFIXES
from starter.ports import Ports
from starter.stack import Stack
from tests.callbacks_acme import SECRET
from tests.world import FRESH, World

ROOT = Path(__file__).parent.parent
ROOMS = ("failover", "providers", "activities", "workflows", "workers", "webhooks", "starter")
PACKAGES = (*ROOMS, "simulator", "tests")
EXAMPLE = ROOT / "tests/acme"
LIST, LINE = "providers/known.py", '    "acme",\n'
#: Where the example's files stand in the copy.
PLACES = {
    **{f"tests/acme/{one.name}": f"providers/acme/{one.name}" for one in EXAMPLE.glob("*.*")},
    "tests/callbacks_acme.py": "tests/callbacks_acme.py",
    "tests/acme_offers.py": "tests/offers/acme.py",
    "tests/acme_sms.py": "tests/test_acme_sms.py",
}
OURS = "+15005550006"
_ASIDE = ("__pycache__", "histories")
_NOT_YET = shutil.ignore_patterns(*_ASIDE, "acme*", "callbacks_acme.py")


@dataclass(frozen=True)
class Copy:
    """In a folder, and what its files were before there was one provider more."""

    folder: Path
    before: Mapping[str, bytes]

    @classmethod
    def made(cls, folder: Path) -> "Copy":
        for package in PACKAGES:
            shutil.copytree(ROOT / package, folder / package, ignore=_NOT_YET)
        shutil.copy(ROOT / "pyproject.toml", folder)
        copy = cls(folder, _contents(folder))
        copy._add()
        return copy

    def tests(self, *patterns: str) -> list[str]:
        return [str(file) for one in patterns for file in self.folder.glob(f"tests/test_{one}.py")]

    def changes(self) -> set[str]:
        after = _contents(self.folder)
        paths = self.before.keys() | after.keys()
        return {path for path in paths if self.before.get(path) != after.get(path)}

    def changed_lines(self, path: str) -> list[str]:
        """Those that came and went, with their signs."""
        before, after = self.before[path].decode(), (self.folder / path).read_text()
        lines = unified_diff(before.splitlines(True), after.splitlines(True), n=0)
        return [line for line in list(lines)[2:] if not line.startswith("@@")]

    def _add(self) -> None:
        for source, place in PLACES.items():
            (self.folder / place).parent.mkdir(exist_ok=True)
            shutil.copy(ROOT / source, self.folder / place)
        known = self.folder / LIST
        head, listed, rest = known.read_text().partition("NAMES = (\n")
        assert listed, "NAMES is written in another way"
        known.write_text(head + listed + rest.replace(")", f"{LINE})", 1))


def _contents(folder: Path) -> dict[str, bytes]:
    files = (file for package in PACKAGES for file in (folder / package).rglob("*"))
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in files
        if file.is_file() and "__pycache__" not in file.parts
    }


def stack_of(copy: Copy, folder: Path, api: str) -> Stack:
    """With an account at Acme alone, whose API is at this address."""
    stack = Stack(folder, Ports.any())
    others = {name for name in stack.environment if name.startswith((*PREFIXES, "SIMULATOR_"))}
    kept = {name: value for name, value in stack.environment.items() if name not in others}
    stack.environment = {
        **kept,
        "PYTHONPATH": str(copy.folder),
        "ACME_API_KEY": "key",
        "ACME_CALLBACK_SECRET": SECRET,
        "ACME_FROM": OURS,
        "ACME_API_BASE_URL": api,
    }
    return stack


@asynccontextmanager
async def installed(copy: Copy, folder: Path, api: str) -> AsyncIterator[World]:
    """Temporal, and the copy's webhooks and worker; `http` speaks to the webhooks."""
    stack = stack_of(copy, folder, api)
    try:
        await asyncio.to_thread(stack.start_part, "temporal")
        both = (asyncio.to_thread(stack.start_part, part) for part in ("webhooks", "worker"))
        await asyncio.gather(*both)
        client = await Client.connect(stack.temporal, data_converter=pydantic_data_converter)
        async with httpx.AsyncClient(base_url=stack.webhooks, timeout=30, limits=FRESH) as http:
            yield World(stack, client, http)
    finally:
        await asyncio.to_thread(stack.stop)
