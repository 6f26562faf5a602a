"""docs/simulator.md, held against the simulator; its example is run as it stands there."""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import requests
from pydantic.fields import FieldInfo

from failover.channels import Channel
from simulator.app import create_app
from simulator.exchange import NOT_TOLD, READ_RECEIPTS
from simulator.intake import HANG
from simulator.magic import MAIL, REFUSED, REFUSED_SENDERS, SILENT, UNDELIVERED, magic
from simulator.played import PLAYED, WRITTEN
from simulator.scripts import AtOnce, Later, Script, Window
from simulator.settings import NEEDED
from simulator.state import KEPT, Outage
from simulator.testing import settings
from simulator.vonage.shapes import CHANNELS as OF_VONAGE
from starter.sandbox import aimed_at, clean_environment
from tests.simulator_world import PATIENCE, World
from tests.test_docs import ROOT, blocks, names, page, rows, section

PAGE = page("docs/simulator.md")
OURS = ("/simulator", "/events")
APP = create_app(settings("http://127.0.0.1:8300"))
MAGIC = rows(section(PAGE, "Magic addresses"))
LABELS = {channel.label: channel.value for channel in Channel}


def table(title: str, head: str) -> list[list[str]]:
    """The rows of the one table of a section whose first column is called so."""
    heads = re.split(r"^(?=\|.*\|\n\|[-|]+$)", section(PAGE, title), flags=re.MULTILINE)
    [found] = [one for one in heads if one.startswith(f"| {head} |")]
    return rows(found.partition("\n\n")[0])


def told(title: str, head: str) -> set[str]:
    return {names(row[0])[0] for row in table(title, head)}


def routes() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in APP.openapi()["paths"].items():
        if path.startswith(OURS):
            for method, described in methods.items():
                yield f"{method.upper()} {path}", described


def test_every_route_is_told() -> None:
    assert told("The control API", "route") == {name for name, _ in routes()}


def test_a_route_is_told_with_what_it_takes() -> None:
    rows_by_route = {names(row[0])[0]: row[1] for row in table("The control API", "route")}
    for name, described in routes():
        asked = [one["name"] for one in described.get("parameters", []) if one["in"] == "query"]
        given = [] if name == "POST /simulator/scripts" else _fields(described)
        said = set(re.findall(r"[`\"](\w+)[`\"]", rows_by_route[name]))
        assert {*asked, *given} <= said, name


def _fields(described: dict[str, Any]) -> list[str]:
    """The names in the body of a request."""
    schemas = APP.openapi()["components"]["schemas"]
    found = re.findall(r"#/components/schemas/(\w+)", json.dumps(described.get("requestBody")))
    return [field for name in found for field in schemas[name]["properties"]]


def test_every_do_of_a_script_is_told() -> None:
    assert told("Scripts", "`do`") == {*get_args(AtOnce), *get_args(Later), *get_args(Window)}
    assert (get_args(Later)[0], get_args(Later)[-1]) == ("fail", "held")


def test_every_field_of_a_script_is_told_with_its_default() -> None:
    said = {name: row[1] for row in table("Scripts", "field") for name in names(row[0])}

    assert said == {name: _shown(field) for name, field in Script.model_fields.items()}


def _shown(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    return "none" if field.default is None else f"`{field.default}`"


def test_every_outage_is_told_and_how_much_is_kept() -> None:
    assert told("Outages", "`do`") == set(get_args(Outage))
    assert f"no answer for {HANG} s" in section(PAGE, "Outages")
    assert f"the last {KEPT:,} of each kind" in PAGE


def test_every_magic_address_is_told() -> None:
    to = {*REFUSED, UNDELIVERED, SILENT, *(f"{name}@" for name in MAIL)}

    assert {(row[0].split()[0], names(row[0])[0]) for row in MAGIC} == {
        *(("to", address) for address in to),
        *(("from", address) for address in REFUSED_SENDERS),
    }


@pytest.mark.parametrize("row", MAGIC, ids=lambda row: row[0])
def test_a_magic_address_does_what_is_told(row: list[str]) -> None:
    way, address = row[0].split()[0], names(row[0])[0]
    to = address if way == "to" else "+14155550100"
    to = f"{to}example.com" if to.endswith("@") else to
    sender = address if way == "from" else "+15005550006"
    fits = ("sendgrid",) if "@" in to else ("twilio", "vonage")
    said = dict(zip(("twilio", "vonage", "sendgrid"), row[1:], strict=True))

    for provider, told in said.items():
        does = magic(provider, sender, to) if provider in fits else None
        assert _words(does, provider) == told, provider


def _words(does: Script | None, provider: str) -> str:
    match does:
        case None:
            return ""
        case Script(do="refuse", code=code):
            return f"refused, `{code}`"
        case Script(do="silent"):
            return "taken, and nothing reported"
        case Script(do="bounce", code=None):
            return f"taken, then `bounce`, {does.classification}"
        case Script(do="bounce", code=code):
            return f"taken, then `bounce` of the type `{code}`, {does.classification}"
    detail = f", {does.detail}" if provider == "sendgrid" else ""
    return f"taken, then `{does.code}`{detail}"


def test_every_channel_of_every_provider_is_told_as_far_as_it_is_played() -> None:
    played = [(LABELS[row[0]], row[1]) for row in table("What is played", "channel")]
    offered = rows(section(page("docs/channels.md"), "What is carried"))

    assert played == [(LABELS[row[0]], row[1]) for row in offered]
    assert set(played) == {
        (channel, name) for name, channels in PLAYED.items() for channel in channels
    }
    assert set(WRITTEN["vonage"]) == set(OF_VONAGE.values())


def test_the_reports_of_a_channel_are_told() -> None:
    providers = APP.state.exchange.providers
    for label, provider, plays, _ in table("What is played", "channel"):
        channel = LABELS[label]
        if channel in WRITTEN.get(provider, ()) and "as SMS" not in plays:
            read = channel in READ_RECEIPTS and (provider, channel) not in NOT_TOLD
            course = [*providers[provider].course, *["read"] * read]
            assert names(plays.partition(";")[0]) == course, (label, provider)


def test_the_variables_that_are_needed_and_that_aim_are_told() -> None:
    told = {row[0].strip("`"): row for row in table("Start it", "provider")}
    aiming = {name for row in told.values() for name in names(row[2]) if name.isupper()}

    assert {name: names(row[1]) for name, row in told.items() if names(row[0])} == {
        name: [one.upper() for one in needed] for name, needed in NEEDED.items()
    }
    assert aiming == set(aimed_at("http://127.0.0.1:8400"))


@pytest.mark.parametrize(
    "command", [one for one in blocks(PAGE, "sh") if one.startswith("curl")], ids=range(2)
)
def test_a_command_is_taken(command: str, world: World) -> None:
    words = shlex.split(command.replace("\\\n", " "))
    path = next(word for word in words if "/simulator/" in word).partition("/")[2]
    body = json.loads(words[words.index("-d") + 1])

    answer = requests.post(f"{world.base}/{path}", json=body, timeout=PATIENCE)

    assert answer.status_code < 300, answer.text
    assert world.send().status_code in (400, 503)


def test_the_example_passes_as_it_stands(tmp_path: Path) -> None:
    service = tmp_path / "service"
    service.mkdir()
    (tmp_path / "message-failover").symlink_to(ROOT)
    for block in (*blocks(PAGE, "python"), *blocks(PAGE, "ini")):
        (service / block.splitlines()[0].removeprefix("# ")).write_text(block)
    [command] = [one for one in blocks(PAGE, "sh") if one.startswith("PYTHONPATH=")]
    python = shlex.join([sys.executable, "-m", "pytest", "-p", "no:cacheprovider"])
    fresh = {name: said for name, said in clean_environment().items() if "PYTEST" not in name}

    ended = subprocess.run(
        ["sh", "-c", command.replace("../message-failover/.venv/bin/pytest", python)],
        cwd=service, env=fresh, capture_output=True, text=True, timeout=180,
    )  # fmt: skip

    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "2 passed" in ended.stdout
