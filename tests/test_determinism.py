"""Workflow code may do nothing that a replay would do otherwise.

Temporal's sandbox looks at modules that it imports for each message. Ours are imported once, as
that is a fifth of a worker's time, so they are looked at here.
"""

import ast
import sys
from pathlib import Path

import pytest

from starter.stack import ROOT

#: What tells another thing each time, or asks the world outside.
FORBIDDEN_MODULES = frozenset(
    {
        *("random", "secrets", "uuid", "time", "os", "socket", "threading", "subprocess"),
        *("requests", "httpx", "urllib", "http", "logging", "pathlib", "io", "concurrent"),
    }
)
FORBIDDEN_CALLS = frozenset(
    {
        *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
        *("asyncio.sleep", "asyncio.wait", "asyncio.wait_for", "asyncio.to_thread"),
        *("asyncio.create_task", "asyncio.timeout", "open", "print", "input", "hash", "id"),
    }
)
#: Iterated, these come in another order in another process.
SETS = frozenset({"set", "frozenset"})

WORKFLOW_CODE = sorted(
    [
        *(ROOT / "failover").glob("*.py"),
        *(
            ROOT / "workflows" / f"{name}.py"
            for name in (
                *("message", "given", "sending", "showing", "observing", "standing", "cap"),
                *(
                    "inbound",
                    "inbound_showing",
                    "telling",
                    "notification",
                    "opt_out",
                    "remembering",
                ),
            )
        ),
        ROOT / "workflows" / "search_attributes.py",
    ]
)


@pytest.mark.parametrize("path", WORKFLOW_CODE, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_workflow_code_asks_nothing_but_its_history(path: Path) -> None:
    assert faults(path.read_text()) == []


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("import random", "import random"),
        ("from uuid import uuid4", "import uuid"),
        ("from datetime import datetime\nnow = datetime.now()", "datetime.now"),
        ("async def f():\n    await asyncio.sleep(1)", "asyncio.sleep"),
        ("for x in {1, 2}: pass", "a set is iterated"),
        ("names = [n for n in set(given)]", "a set is iterated"),
        ("hash('a')", "hash"),
    ],
)
def test_what_would_differ_is_found(code: str, fault: str) -> None:
    assert faults(code) == [fault]


def test_every_workflow_of_ours_is_looked_at() -> None:
    defined = {
        path for path in (ROOT / "workflows").glob("*.py") if "@workflow.defn" in path.read_text()
    }

    assert defined <= set(WORKFLOW_CODE)


def faults(code: str) -> list[str]:
    return [fault for node in ast.walk(ast.parse(code)) for fault in _faults(node)]


def _faults(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [f"import {one.name}" for one in names if _forbidden(one.name)]
        case ast.ImportFrom(module=str(module)) if _forbidden(module):
            return [f"import {module}"]
        case ast.Call(func=func) if ast.unparse(func) in FORBIDDEN_CALLS:
            return [ast.unparse(func)]
        case ast.For(iter=over) | ast.comprehension(iter=over) if _is_set(over):
            return ["a set is iterated"]
    return []


def _forbidden(module: str) -> bool:
    top = module.partition(".")[0]
    return top in FORBIDDEN_MODULES and top in sys.stdlib_module_names | {"requests", "httpx"}


def _is_set(over: ast.expr) -> bool:
    made = isinstance(over, ast.Call) and ast.unparse(over.func) in SETS
    return made or isinstance(over, ast.Set | ast.SetComp)
