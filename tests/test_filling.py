"""What a template may take: most is refused before it comes to the limits of its process."""

import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from activities.apart import Asked
from activities.filling import answers
from activities.wellformed import Malformed, without_comments

DANA = {"id": None, "name": "Dana", "locale": "en", "time_zone": None}
CONTEXT: dict[str, JsonValue] = {"long": "x" * 2_000, "list": list(range(700))}


def asked(*texts: str) -> Asked:
    return Asked(context=CONTEXT, people=[DANA], texts=[(text, False, 0) for text in texts])


def answered(text: str) -> dict[str, str]:
    [answer] = answers(asked(text).model_dump())
    return answer


def told(text: str) -> str:
    return answered(text)["fault"]


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
        ("{% comment %} {{ x }}", "a {% comment %} has no {% endcomment %}"),
        ("{% comment %}{% comment %}{% endcomment %}", "a {% comment %} has no"),
        ("{% comment %}{% endcomment %}{{", "a {{ has no }}"),
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
        ("{% comment %} {{ unclosed {% endcomment %}ok", "ok"),
        ("{% comment %}{{ x }{% endcomment %}{{ recipient.name }}", "Dana"),
        ("{% comment %}{% raw %}{% endcomment %}ok", "ok"),
        ("{% comment %}{%{% %}{% if{%-endcomment-%} ok", "ok"),
        ("{%comment%}{% comment x %}{{ {% endcomment %}{%{%- endcomment %}ok", "ok"),
        ("a {%- comment -%} {% commented %} {% endcommentary %}{% endcomment -%} b", "ab"),
        ("{% raw %}{% comment %}{% endraw %}{{ recipient.name }}", "{% comment %}Dana"),
        ("{{ '{{' }}", "{{"),
        ("{% # a comment %}x", "x"),
        ("{{-recipient.name-}} !", "Dana!"),
        ("{ {recipient.name} }", "{ {recipient.name} }"),
    ],
)
def test_braces_that_liquid_takes_are_taken(text: str, said: str) -> None:
    assert answered(text) == {"said": said}


_PIECES = ["{{", "}}", "{%", "%}", "-", " ", "a", "raw", "endraw", "comment", "endcomment", "#"]


@given(st.lists(st.sampled_from(_PIECES), max_size=30).map("".join))
def test_the_lexer_finds_no_tag_without_an_end_that_was_not_found_before(text: str) -> None:
    fault = answered(text).get("fault") or ""

    assert _malformed(text) in (None, fault)
    assert "Recursion" not in fault


def _malformed(text: str) -> str | None:
    try:
        without_comments(text)
    except Malformed as error:
        return str(error)
    return None


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
        pytest.param(
            lambda size: "{% comment %}" + "{{ " * (size // 3) + "{% endcomment %}",
            id="opened, in a comment that ends",
        ),
        pytest.param(_repeated("{% comment %}{{ {% endcomment %}"), id="comments"),
        pytest.param(_repeated("{% comment %}"), id="comments within comments"),
        pytest.param(
            lambda size: "{% comment %}" + "{% comment " * (size // 11), id="comments, opened"
        ),
        pytest.param(
            lambda size: "{% comment %}" + ("{%" + " " * 90) * (size // 92), id="spaces in comments"
        ),
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
        answered(text)
        times.append(time.thread_time() - begin)
    return min(times)


def test_what_comes_of_a_template_is_held_back_while_it_grows() -> None:
    grown = "{% for i in (1..1000) %}" + "x" * 450 + "{% endfor %}"

    assert told(grown) == "the template takes too much: loops, lists or text"


def test_a_number_does_not_grow_beyond_reason() -> None:
    squared = "{% assign n = 99 %}" + "{% assign n = n | times: n %}" * 14 + "{{ n | modulo: 7 }}"

    assert told(squared) == "the template takes too much: loops, lists or text"
