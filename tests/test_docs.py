"""What the pages say, held against the code: names, defaults, routes, commands, links, JSON."""

import ast
import asyncio
import re
import shlex
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.offers import Offers
from activities.planned import Installed
from activities.send import Sends
from failover.capabilities import REPORTS
from failover.channels import Channel, Goal
from failover.content import Choice, Content, OnOther
from failover.events import FailureClass
from failover.hours import Day, Hours
from failover.media import Media
from failover.message import Message, OnOptOut, OnUnknown, parse_message
from failover.names import TASK_QUEUE, SearchAttribute, Signal, sending_queue
from failover.notices import parse_notice
from failover.plan import NEXT_PROVIDER
from failover.recipient import Recipient
from failover.step import Step
from failover.templates import Template
from providers.capabilities import table
from providers.known import PREFIXES
from providers.stop_words import STOP_WORDS
from starter.verbs import app
from tests.conftest import temporal_executable
from tests.fake_senders import FakeProvider
from tests.variables import COMPOSE, TEMPORAL, variables
from tests.webhooks_app import ROUTES
from webhooks.pages.described import PAGES as OF_LINKS
from webhooks.reception import SMALL
from workflows.message import MessageWorkflow

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
MODELS: dict[str, type[BaseModel]] = {
    model.__name__: model
    for model in (Message, Recipient, Content, Choice, Media, Template, Step, Hours)
}


def page(name: str) -> str:
    return (ROOT / name).read_text()


README, CONFIGURATION = page("README.md"), page("docs/configuration.md")


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def section(text: str, title: str) -> str:
    """From this heading to the next one."""
    found = re.search(rf"^#+ {re.escape(title)}$(.*?)(?=^#|\Z)", text, re.DOTALL | re.MULTILINE)
    assert found, title
    return found[1]


def rows(text: str) -> list[list[str]]:
    """The cells of the tables, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    heads = {n for n, line in enumerate(lines) if re.fullmatch(r"[|-]+", line)}
    told = [line for n, line in enumerate(lines) if n not in heads and n + 1 not in heads]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in told]


def names(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def ids(paths: list[Path]) -> list[str]:
    return [str(path.relative_to(ROOT)) for path in paths]


@pytest.mark.parametrize("path", PAGES, ids=ids(PAGES))
def test_links_lead_somewhere(path: Path) -> None:
    for link in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if link.startswith("https://"):
            continue
        target, _, anchor = link.partition("#")
        there = (path.parent / target).resolve() if target else path
        assert there.exists(), link
        assert not anchor or anchor in anchors(there), link


def anchors(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", PAGES, ids=ids(PAGES))
def test_json_is_a_message_or_an_event(path: Path) -> None:
    read = parse_notice if path.name == "events.md" else parse_message
    for block in blocks(path.read_text(), "json"):
        assert read(block)


@pytest.mark.parametrize("path", PAGES, ids=ids(PAGES))
def test_commands_exist(path: Path) -> None:
    text = path.read_text()
    targets = re.findall(r"^([a-z]+):", page("Makefile"), re.MULTILINE)
    verbs = {
        info.name or getattr(info.callback, "__name__", "") for info in app.registered_commands
    } | {group.name for group in app.registered_groups}

    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)) <= set(targets)
    assert set(re.findall(r"python -m starter ([a-z][a-z-]*)", text)) <= verbs
    for module in re.findall(r"python -m ([a-z_.]+)", text):
        place = ROOT.joinpath(*module.split("."))
        assert place.with_suffix(".py").exists() or (place / "__main__.py").exists(), module


@pytest.mark.parametrize("path", PAGES, ids=ids(PAGES))
def test_variables_exist(path: Path) -> None:
    prefixes = "|".join([*PREFIXES, "TEMPORAL_", "SIMULATOR_", "WEBHOOKS_"])
    said = re.findall(rf"\b(?:{prefixes})[A-Z_]+[A-Z]", path.read_text())

    assert set(said) <= {*variables(), *TEMPORAL}


def test_the_first_thirty_lines_of_the_readme_are_enough_to_see_it_run() -> None:
    head = "\n".join(README.splitlines()[:30])

    assert "make demo" in head
    assert "make test" in head
    assert "Web UI" in head


@pytest.mark.parametrize("name", MODELS)
def test_every_field_is_told_with_its_default(name: str) -> None:
    told = {names(row[0])[0]: row[2].strip("`") for row in rows(section(CONFIGURATION, name))}

    assert told == {
        field.alias or key: shown(field) for key, field in MODELS[name].model_fields.items()
    }


def shown(field: FieldInfo) -> str:
    """A default as the page writes it."""
    default = field.default
    if default is PydanticUndefined:
        return "required"
    if default is None or default in ((), {}):
        return "none"
    if default == tuple(Day):
        return "every day"
    if default == OnOther():
        return str(default.do)
    if default is False:
        return "false"
    return str(TypeAdapter(Any).dump_python(default, mode="json"))


def test_every_variable_is_told_with_its_default() -> None:
    told: dict[str, str] = {}
    for row in rows(CONFIGURATION.partition("## Variables")[2]):
        given = "" if len(row) == 2 else row[1].strip("`")
        told |= dict.fromkeys(names(row[0]), given)

    assert told == {
        **{name: shown(field) for name, field in variables().items()},
        **dict.fromkeys(TEMPORAL, ""),
        **COMPOSE,
    }


def test_values_of_choice_are_all_told() -> None:
    for values in (Channel, Goal, Day):
        assert set(values) <= set(names(CONFIGURATION))
    for field, kind in {"on_unknown": OnUnknown, "on_opt_out": OnOptOut}.items():
        [row] = [row for row in rows(CONFIGURATION) if names(row[0]) == [field]]
        assert set(kind) == set(names(row[1]))


def test_the_classes_of_failures_lead_where_the_page_says() -> None:
    told = rows(section(page("docs/concepts.md"), "The rules, in order"))
    by_goal = {tuple(names(row[0])): row[2] for row in told}
    next_provider = {n for key, goes in by_goal.items() if "next provider" in goes for n in key}

    assert {name for key in by_goal for name in key} == set(FailureClass)
    assert next_provider == NEXT_PROVIDER


def test_the_goals_are_reported_where_the_page_says() -> None:
    for row in rows(section(page("docs/concepts.md"), "Goals")):
        [goal] = names(row[0])
        labels = {channel.label for channel, goals in REPORTS.items() if goal in goals}
        everywhere = len(labels) == len(Channel)
        assert row[2] == "every channel" if everywhere else set(row[2].split(", ")) == labels


def test_the_stop_words_are_told() -> None:
    [said] = re.findall(r"stop word \(([^;]+);", page("docs/concepts.md"))

    assert set(names(said)) == STOP_WORDS


def test_the_routes_are_told_with_their_limits() -> None:
    told = {names(row[0])[0]: row[2] for row in rows(section(page("docs/callbacks.md"), "Routes"))}
    pages = {f"{how} {path}": size(path) if how == "POST" else "" for how, path in OF_LINKS}
    assert told == {"GET /healthz": ""} | {f"POST {path}": size(path) for path in ROUTES} | pages


def size(path: str) -> str:
    limit = ROUTES[path].limit if path in ROUTES else SMALL
    return f"{limit >> 20} MiB" if limit >> 20 else f"{limit >> 10} KiB"


def test_the_search_attributes_and_signals_are_told() -> None:
    operating = page("docs/operating.md")

    assert [names(row[0])[0] for row in rows(section(operating, "Search"))] == list(SearchAttribute)
    assert {Signal.SKIP, Signal.RESPONDED, Signal.OPTED_OUT} <= set(
        names(section(operating, "Stepping in"))
    )


def test_the_channels_of_the_readme_are_those_of_the_providers() -> None:
    told = rows(section(README, "Channels and providers"))

    assert {(channel, provider.lower()) for channel, provider, *_ in told} == {
        (channel.label, provider) for channel, provider in table()
    }
    assert {row[-1] for row in told} == {"no"}


@pytest.fixture
async def fakes(client: Client) -> AsyncIterator[None]:
    """A worker on the real queues, with fake senders."""
    everybody = {channel.value: ["twilio", "vonage"] for channel in Channel}
    # Agents are written to by email.
    senders = dict.fromkeys(set(Channel) - {Channel.AGENT}, FakeProvider())
    async with AsyncExitStack() as stack:
        threads = stack.enter_context(ThreadPoolExecutor(4))
        offers = Offers(Installed(everybody)).offers
        workflows = Worker(
            client, task_queue=TASK_QUEUE, workflows=[MessageWorkflow], activities=[offers]
        )
        await stack.enter_async_context(workflows)
        for name in ("twilio", "vonage"):
            sends = Sends(senders, threads).activities()
            queue = sending_queue(name)
            await stack.enter_async_context(Worker(client, task_queue=queue, activities=sends))
        yield


@pytest.fixture
def message_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    [block] = blocks(README, "json")
    (tmp_path / "message.json").write_text(block)
    monkeypatch.chdir(tmp_path)
    return block


@pytest.mark.usefixtures("fakes")
async def test_the_readme_starts_one_message_by_command_and_by_python(
    env: WorkflowEnvironment, message_json: str
) -> None:
    [command] = [block for block in blocks(README, "sh") if block.startswith("temporal ")]
    target = env.client.service_client.config.target_host
    found: dict[str, Any] = {}

    with env.with_time_skipping_disabled():
        first = await called(command, target)
        running = asyncio.create_task(python(target, found))
        await answer(env.client, found)
        await asyncio.wait_for(running, 20)
        late = await called(command, target)

    assert found["message"] == parse_message(message_json)
    assert found["result"]["outcome"] == "responded"
    assert found["handle"].first_execution_run_id in first
    assert "already finished" in late


async def test_the_queries_of_the_operators_page_are_understood(client: Client) -> None:
    target = client.service_client.config.target_host
    text = "".join(blocks(page("docs/operating.md"), "sh")).replace("\\\n", " ")
    queries = [line for line in text.splitlines() if "--query" in line]

    assert len(queries) >= 5
    for words in map(shlex.split, queries):
        count = ["temporal", "workflow", "count", "--query", words[words.index("--query") + 1]]
        assert "Total:" in await called(shlex.join(count), target)


async def called(command: str, target: str) -> str:
    words = shlex.split(command.replace("\\\n", " "))
    process = await asyncio.create_subprocess_exec(
        temporal_executable(),
        *("--address", target, *words[1:]),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    return said.decode()


async def python(target: str, found: dict[str, Any]) -> None:
    """Runs the README's Python, which awaits; its names are put into `found`."""
    [block] = blocks(README, "python")
    source = block.replace("localhost:7233", target)
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code: CodeType = compile(source, "README.md", "exec", flags=flags)
    await eval(code, found)


async def answer(client: Client, found: dict[str, Any]) -> None:
    """Once the Python has started the message, which it then waits for."""
    for _ in range(100):
        if "handle" in found:
            break
        await asyncio.sleep(0.1)
    handle = client.get_workflow_handle("message-order-1234-delivery")
    await handle.signal(Signal.RESPONDED, {"channel": "sms", "text": "yes"})
