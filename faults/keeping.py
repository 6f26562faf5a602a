"""What a broken promise leaves behind: the record, the histories to replay, the logs."""

import asyncio
import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from temporalio.client import Client

from failover.names import workflow_id
from faults.asking import insist
from faults.check import Finding
from faults.record import Record


async def keep(
    folder: Path, client: Client, record: Record, broken: Sequence[Finding], logs: Path
) -> None:
    """Write them into `folder`; the histories are as `tests/histories` has them."""
    histories = {}
    for id in sorted({one.message for one in broken if one.kind != "lost"}):
        history = await insist(client.get_workflow_handle(workflow_id(id)).fetch_history)
        histories[id] = history.to_json_dict()
    await asyncio.to_thread(_write, folder, record, broken, histories)
    await asyncio.to_thread(_copy, logs, folder)


def _write(
    folder: Path, record: Record, broken: Sequence[Finding], histories: dict[str, Any]
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "record.json").write_text(record.model_dump_json(indent=1))
    (folder / "broken.txt").write_text(
        "".join(f"{one.kind}: {one.message}: {one.why}\n" for one in broken)
    )
    for id, history in histories.items():
        told = json.dumps(_bare(history), indent=1, ensure_ascii=False)
        text = re.sub(r"\d+@[\w.-]+", "recorder", told)  # a worker's process and host
        (folder / f"{id}.json").write_text(text + "\n")


def _copy(logs: Path, folder: Path) -> None:
    for log in logs.glob("*.log"):
        shutil.copy(log, folder)


def _bare(part: Any) -> Any:
    """Without stack traces, which hold the paths of this machine."""
    if isinstance(part, list):
        return [_bare(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {name: _bare(value) for name, value in part.items() if name != "stackTrace"}
