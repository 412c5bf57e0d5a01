"""Expressions: they are worked out as arithmetic is, and nothing that is typed gets further."""

from __future__ import annotations

import math
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.expressions import FUNCTIONS, LONGEST, ExpressionError, evaluate, whole


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1024*1.5", 1536.0),
        ("2**10", 1024),
        ("2^10", 1024),
        ("2**-1", 0.5),
        ("-2**2", -4),
        ("2**3**2", 512),
        ("sin(pi/4)", math.sin(math.pi / 4)),
        ("50%", 0.5),
        ("50% * 1024", 512.0),
        ("7//2", 3),
        ("7/2", 3.5),
        ("1 + 2 * 3", 7),
        ("(1 + 2) * 3", 9),
        ("--3", 3),
        ("2 - -3", 5),
        (" .5 ", 0.5),
        ("5.", 5.0),
        ("1e-3", 0.001),
        ("1,5", 1.5),
        ("-1,5", -1.5),
        ("max(1, 2, 3)", 3),
        ("max(1; 2)", 2),
        ("mod(10, 3)", 1),
        ("clamp(12, 0, 10)", 10),
        ("LOG2(8)", 3.0),
        ("3 × 4 ÷ 2 − 1", 5.0),
        ("9223372036854775807", 2**63 - 1),
        ("2**63-1", 2**63 - 1),
    ],
)
def test_is_worked_out(text: str, value: float) -> None:
    found = evaluate(text)
    assert found == value
    assert type(found) is type(value)


def test_x_is_the_value_before() -> None:
    assert evaluate("x*2", 8) == 16
    assert evaluate("X + 1", 8) == 9
    with pytest.raises(ExpressionError, match="'x' is not a number"):
        evaluate("x*2")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a number is missing"),
        ("  ", "a number is missing"),
        ("1+", "ends too soon"),
        ("*2", r"a number is missing before '\*'"),
        ("(1", "a bracket is not closed"),
        ("1)", "a bracket is closed that was not opened"),
        ("1 2", "'2' follows where the number is complete"),
        ("1,2,3", "',' follows"),
        ("1/0", "'1/0' divides by zero"),
        ("mod(1, 0)", "divides by zero"),
        ("0**-1", "divides by zero"),
        ("sqrt(-1)", r"sqrt\(-1\) has no value"),
        ("(-8)**0.5", "has no value"),
        ("sinn(1)", "did you mean sin?"),
        ("__import__('os')", "does not belong into a number"),
        ("os.system", "does not belong|is not a number"),
        ("many", "'many' is not a number"),
        ("nan", "is not a number"),
        ("sin 1", "sin needs brackets"),
        ("sin(1, 2)", "sin takes 1 numbers, not 2"),
        ("min(1)", "min takes 2 to 8 numbers, not 1"),
        ("1e999", "is not a finite number"),
        ("9**9**9", "is too large"),
        ("exp(1000)", "is too large"),
        ("2.0**5000", "is too large"),
        ("floor(1e400)", "is too large"),
        ("1" * (LONGEST + 1), "up to 500 characters"),
        ("(" * 100 + "1" + ")" * 100, "too many brackets"),
        ("-" * 100 + "1", "too many brackets"),
        ("№5", "does not belong"),
    ],
)
def test_what_is_no_number_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(ExpressionError, match=why):
        evaluate(text)


@pytest.mark.parametrize(
    ("value", "as_whole"), [(3, 3), (3.0, 3), (0.1 * 3 * 10, 3), (1e15, 10**15)]
)
def test_whole_numbers(value: float, as_whole: int) -> None:
    assert whole(value) == as_whole


def test_a_number_between_two_whole_ones_names_both() -> None:
    with pytest.raises(ExpressionError, match=r"2\.5 is not a whole number: use 2 or 3"):
        whole(2.5)


NUMBERS = st.integers(0, 1000) | st.floats(0, 1000).map(lambda value: round(value, 3))
Pair = tuple[str, float]


def combined(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    def join(one: Pair, sign: str, other: Pair) -> Pair:
        text = f"({one[0]}) {sign} ({other[0]})"
        match sign:
            case "+":
                return text, one[1] + other[1]
            case "-":
                return text, one[1] - other[1]
            case _:
                return text, one[1] * other[1]

    return st.builds(join, inner, st.sampled_from("+-*"), inner) | inner.map(
        lambda pair: (f"-({pair[0]})", -pair[1])
    )


@given(st.recursive(NUMBERS.map(lambda value: (repr(value), value)), combined, max_leaves=8))
def test_arithmetic_agrees_with_pythons(pair: Pair) -> None:
    text, value = pair
    assert evaluate(text) == value


@given(st.lists(st.sampled_from(["+", "-", "*", "/", "**"]), min_size=1, max_size=6), st.data())
def test_what_binds_stronger_goes_first(signs: list[str], data: st.DataObject) -> None:
    numbers = data.draw(st.lists(st.integers(1, 3), min_size=len(signs) + 1,
                                 max_size=len(signs) + 1))  # fmt: skip
    pieces = [str(numbers[0])]
    for sign, number in zip(signs, numbers[1:], strict=True):
        pieces += [sign, str(number)]
    text = " ".join(pieces)
    try:
        found = evaluate(text)
    except ExpressionError:
        return
    # The text holds digits and signs alone, put together above.
    assert found == pytest.approx(eval(text))  # noqa: S307


ALPHABET = st.sampled_from([*FUNCTIONS, "pi", "x", *"0123456789.eE+-*/^%(),; ", "**", "//", "ü"])


@settings(max_examples=500)
@given(st.text(max_size=60) | st.lists(ALPHABET, max_size=60).map("".join), NUMBERS)
def test_any_text_comes_to_an_end(text: str, x: float) -> None:
    began = time.perf_counter()
    try:
        value = evaluate(text, x)
    except ExpressionError:
        value = 0
    assert isinstance(value, int | float)
    assert math.isfinite(value)
    assert time.perf_counter() - began < 0.5
