"""The harness itself: what it reads, and what it would not let pass."""

import re

import pytest
from log_filter import NotAPattern, compiled
from runbook import FILL_IN, RUNBOOKS, blocks, filled
from watching import _sum

NAMES = sorted(path.stem for path in RUNBOOKS.glob("*.md"))


@pytest.mark.parametrize("name", NAMES)
def test_what_an_operator_fills_in_is_marked_and_nothing_else_is_left_open(name):
    for block in blocks(name):
        code = "\n".join(re.sub(r"#.*", "", line) for line in block.splitlines())
        assert not re.search(r"\{id\}|<[a-z-]+>|…|\bID\b|YOUR_", code), block
        for line in block.splitlines():
            assert "# fill in" not in line or FILL_IN.fullmatch(line), line


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"README"}))
def test_a_runbook_has_commands_to_look_and_to_see_that_it_is_over(name):
    text = (RUNBOOKS / f"{name}.md").read_text()
    for part in ("**Look.**", "**Over when**"):
        assert "```sh\n" in text.partition(part)[2], part


def test_a_value_is_given_for_each_that_is_to_be_filled_in():
    block = "FUNCTION=oauth-callback   # fill in: the function\necho $FUNCTION\n"
    assert filled(block, {"FUNCTION": "operator"}).startswith("FUNCTION=operator   #")
    for values in ({}, {"FUNCTION": "x", "OTHER": "y"}):
        with pytest.raises(AssertionError):
            filled(block, values)


@pytest.mark.parametrize(
    ("pattern", "message", "expected"),
    [
        ('{ $.level = "ERROR" }', '{"level":"ERROR"}', True),
        ('{ $.level = "ERROR" }', '{"level":"INFO"}', False),
        ('{ $.level = "ERROR" }', "level ERROR", False),
        ('{ $.status = "5*" }', '{"status":"503"}', True),
        ('{ $.status = "5*" }', '{"status":"404"}', False),
        ('{ $.a.b != "x" && $.c = 3 }', '{"a":{"b":"y"},"c":3}', True),
        ('{ $.a.b != "x" }', "{}", False),
        ('{ $.a = "1" || $.b = "*" }', '{"b":"anything"}', True),
        ('{ ($.a = "1" || $.b = "2") && $.c NOT EXISTS }', '{"b":"2","c":1}', False),
    ],
)
def test_patterns_of_log_lines(pattern, message, expected):
    assert compiled(pattern)(message) is expected


@pytest.mark.parametrize("pattern", ['{ $.level }', "{ $.a ~ 3 }", '{ $.a = "1" ', '{ ($.a = "1" }'])
def test_an_unknown_pattern_is_refused(pattern):
    with pytest.raises(NotAPattern):
        compiled(pattern)


def test_a_sum_without_a_point_is_no_sum():
    assert _sum("a + b", {"a": 1, "b": None}) is None
    assert _sum("FILL(a, 0) + FILL(b, 0)", {"a": 1, "b": None}) == 1
