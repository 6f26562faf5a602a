"""What a template may take: its process has limits, and most is refused before it comes to them."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.apart import Apart, Filled
from activities.filling import filled, malformed

KNOWN: dict[str, dict[str, Any]] = {
    "recipient": {"id": None, "name": "Dana", "locale": "en", "time_zone": None},
    "context": {"long": "x" * 2_000, "list": list(range(700))},
}
#: Seconds, and what the process of these tests is known by: others take another time.
MARK = "3"
ENDLESS = "{% if (1..99999999999) contains 1.5 %}x{% endif %}"


@pytest.fixture
def apart() -> Iterator[Apart]:
    apart = Apart(seconds=int(MARK))
    yield apart
    apart.end()


def told(text: str) -> str:
    return filled(text, KNOWN, html=False)["fault"]


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Hi {{ recipient.name", "a {{ has no }}"),
        ("Hi {{ recipient.name }", "a {{ has no }}"),
        ("{{ a }} {{", "a {{ has no }}"),
        ("{{ '" + "x" * 2_000 + "' }}", "a {{ has no }} within 2000 characters"),
        ("{% if true", "a {% has no %} within 2000 characters"),
        ("{%- if true }}", "a {% has no %}"),
        ("{% %}", "a {% has no name"),
        ("{%}", "a {% has no name"),
        ("{% raw %}{{", "a {% raw %} has no {% endraw %}"),
        ("{%- doc -%} {% raw %}", "a {% doc %} has no {% enddoc %}"),
        ("{% comment %} {{ {% endcomment %}", "a {{ has no }}"),
        ("{{ a" + "\n" * 101 + "}}", "a {{ has more than 100 spaces together"),
    ],
)
def test_a_tag_without_an_end_is_told_in_plain_words(text: str, what: str) -> None:
    assert told(text).startswith(what)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("p { color: red } 100% }} %}", "p { color: red } 100% }} %}"),
        ("{% raw %}{{ x {% if {% endraw %}!", "{{ x {% if !"),
        ("{%- raw -%} {{ {%- endraw -%} !", " {{ !"),
        ("{% doc %}{{ {% enddoc %}x", "x"),
        ("{% comment %}{{ x }}{% endcomment %}x", "x"),
        ("{{ '{{' }}", "{{"),
        ("{% # a comment %}x", "x"),
        ("{{-recipient.name-}} !", "Dana!"),
        ("{ {recipient.name} }", "{ {recipient.name} }"),
    ],
)
def test_braces_that_liquid_takes_are_taken(text: str, said: str) -> None:
    assert filled(text, KNOWN, html=False) == {"said": said}


_PIECES = ["{{", "}}", "{%", "%}", "-", " ", "a", "raw", "endraw", "comment", "endcomment", "#"]


@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
def test_the_lexer_finds_no_tag_without_an_end_that_was_not_found_before(text: str) -> None:
    told = filled(text, KNOWN, html=False).get("fault") or ""

    assert malformed(text) is None or malformed(text) == told
    assert "Recursion" not in told


def _repeated(unit: str) -> Callable[[int], str]:
    return lambda size: unit * (size // len(unit))


def _around(before: str, unit: str, after: str) -> Callable[[int], str]:
    """As many tags of the greatest length as there is room for."""
    room = 1_990 - len(before + after)
    return _repeated(before + unit * (room // len(unit)) + after)


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param(lambda size: "{{" + " " * size, id="opened before spaces"),
        pytest.param(lambda size: "{{" + " " * size + "}}", id="nothing but spaces"),
        pytest.param(lambda size: "{% a" + " " * size + "%}", id="a name and spaces"),
        pytest.param(lambda size: "{% " + "a" * size, id="a long name"),
        pytest.param(lambda size: "{% if '" + "x" * size + "' %}", id="a long tag"),
        pytest.param(_repeated("{"), id="braces"),
        pytest.param(_repeated("{{ a "), id="opened often"),
        pytest.param(_repeated("{% a "), id="tags opened often"),
        pytest.param(_repeated("{% raw %}"), id="raw"),
        pytest.param(_repeated("{% doc %}"), id="doc"),
        pytest.param(
            lambda size: "{% comment %}" + "{% raw %}" * (size // 9), id="raw, in a comment"
        ),
        pytest.param(lambda size: "{% comment %}" + "{{ " * (size // 3), id="opened, in a comment"),
        pytest.param(lambda size: "{% raw %}" + "{%    " * (size // 6), id="opened, in raw"),
        pytest.param(_repeated("{{" + " " * 100 + "}}"), id="spaces"),
        pytest.param(_around("{{ ", "(", "}}"), id="parentheses"),
        pytest.param(_around("{{ ", "['", "}}"), id="brackets and quotes"),
        pytest.param(
            _around("{% liquid echo a", " " * 100 + "b", " %}"), id="spaces in a line of liquid"
        ),
        pytest.param(_around("{% # ", "\n" * 100 + "#", " %}"), id="lines of a comment"),
        pytest.param(_around("{% if ", "1 and ", "1 %}{% endif %}"), id="conditions"),
        pytest.param(_around("{{ 1", " | plus: 1", " }}"), id="filters"),
        pytest.param(_repeated("{{ 1 }}"), id="a good template"),
    ],
)
def test_a_text_takes_no_more_than_its_length(shape: Callable[[int], str]) -> None:
    short, long = _takes(shape(24_000)), _takes(shape(96_000))

    # Four times as much; the square of it would be sixteen, its cube sixty-four.
    assert long < 10 * max(short, 0.005)


def _takes(text: str) -> float:
    """Seconds of this thread: the least of three, as a loaded machine makes some longer."""
    times = []
    for _ in range(3):
        begin = time.thread_time()
        filled(text, KNOWN, html=False)
        times.append(time.thread_time() - begin)
    return min(times)


def test_what_comes_of_a_template_is_held_back_while_it_grows() -> None:
    grown = "{% for i in (1..1000) %}" + "x" * 450 + "{% endfor %}"

    assert told(grown) == "the template takes too much: loops, lists or text"


def test_a_number_does_not_grow_beyond_reason() -> None:
    squared = "{% assign n = 99 %}" + "{% assign n = n | times: n %}" * 14 + "{{ n | modulo: 7 }}"

    assert told(squared) == "the template takes too much: loops, lists or text"


def _asked(apart: Apart, *texts: str) -> list[Filled]:
    """With a deadline: a process that nothing ends would hold us up for ever."""
    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(apart.filled, [KNOWN], [(text, False, 0) for text in texts])
        while not wait([waiting], timeout=30).done:
            _end_the_child()
        return waiting.result()


def _end_the_child() -> None:
    begun = [one for one in psutil.Process().children() if one.cmdline()[-1:] == [MARK]]
    for child in begun:
        child.kill()
    psutil.wait_procs(begun, timeout=20)


def test_what_takes_too_long_is_ended_and_the_next_is_filled_in(apart: Apart) -> None:
    first = _asked(apart, "a", ENDLESS, "b")
    second = _asked(apart, "{{ recipient.name }}")

    assert [one.said for one in first] == ["a", None]
    assert first[1].fault == "the template takes too much: time"
    assert [one.said for one in second] == ["Dana"]


def test_each_message_has_its_own_time() -> None:
    apart = Apart(seconds=1)
    long = ("{{ 1 }}" * 14_000, False, 0)

    told = [answer for _ in range(20) for answer in apart.filled([KNOWN], [long])]
    apart.end()

    assert {answer.fault for answer in told} == {None}


@pytest.mark.skipif("sys.platform != 'linux'", reason="others do not limit a process's memory")
def test_what_takes_too_much_memory_is_refused(apart: Apart) -> None:
    [one] = _asked(apart, "{% for i in (1..60000000) reversed offset: 1 %}x{% endfor %}")

    assert one.fault == "the template takes too much: memory"


def test_this_process_goes_on_meanwhile(apart: Apart) -> None:
    turns = []

    with ThreadPoolExecutor(1) as threads:
        waiting = threads.submit(_asked, apart, ENDLESS)
        while not waiting.done():
            turns.append(time.monotonic())
            time.sleep(0.01)

    assert waiting.result()[0].fault
    assert len(turns) > 10


def test_a_process_that_somebody_ended_is_begun_anew(apart: Apart) -> None:
    _asked(apart, "x")
    _end_the_child()

    assert [one.said for one in _asked(apart, "y")] == ["y"]
