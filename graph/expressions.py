"""Numbers as people type them: `1024*1.5`, `2**10`, `sin(pi/4)`, `50%`, `x/2`.

A parser of its own, which knows numbers and nothing else: no text can reach anything of the
program. Whole numbers stay whole and exact. Every input, however odd, comes to an end quickly.
"""

from __future__ import annotations

import math
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeAlias

from graph.errors import SfumatoError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Number: TypeAlias = int | float

LONGEST = 500
"""Characters that an expression may have."""
_DEEPEST = 60
"""Brackets, signs and powers that may be inside one another."""
_MOST_BITS = 4096
"""Bits of the largest whole number on the way to the result."""


class ExpressionError(SfumatoError, ValueError):
    """A text is no number and no expression; the message says where it goes wrong."""


def evaluate(text: str, x: Number | None = None) -> Number:
    """Return the value of `text`, a finite number; `x` in it stands for the value before.

    There are + - * / // ** (also ×, ÷, − and ^), brackets, %, the constants pi, tau and e, and the
    functions in `FUNCTIONS`. Outside of brackets a comma may stand for the decimal point.

    Raises:
        ExpressionError: It cannot be read, or has no finite value.
    """
    if len(text) > LONGEST:
        raise ExpressionError(f"an expression has up to {LONGEST} characters, this has {len(text)}")
    plain = text.strip()
    if not plain:
        raise ExpressionError("a number is missing")
    if _DECIMAL_COMMA.fullmatch(plain):
        plain = plain.replace(",", ".")
    try:
        value = _Parser(plain, x).whole()
    except ZeroDivisionError:
        raise ExpressionError(f"{plain!r} divides by zero") from None
    except OverflowError:
        raise ExpressionError(f"{plain!r} is too large") from None
    if not math.isfinite(value):
        raise ExpressionError(f"{plain!r} is not a finite number")
    return value


def whole(value: Number) -> int:
    """Return `value` as a whole number; raise `ExpressionError` with the nearest when it is none.

    What only rounding keeps from being whole, such as `0.1*3*10`, is taken for whole.
    """
    nearest = round(value)
    if abs(value - nearest) > _ROUNDING * max(1.0, abs(value)):
        low, high = math.floor(value), math.ceil(value)
        raise ExpressionError(f"{value:g} is not a whole number: use {low} or {high}")
    return nearest


_ROUNDING = 1e-12
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")
_TOKEN = re.compile(
    r"""\s*(?:
      (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<name>[^\W\d]\w*)
    | (?P<sign>\*\*|//|[-+*/^%(),;×÷−])
    | (?P<odd>\S)
    )""",
    re.VERBOSE,
)
_SAME = {"^": "**", "×": "*", "÷": "/", "−": "-", ";": ","}

CONSTANTS: Mapping[str, float] = {"pi": math.pi, "tau": math.tau, "e": math.e}


def _clamp(value: Number, low: Number, high: Number) -> Number:
    return min(max(value, low), high)


FUNCTIONS: Mapping[str, tuple[Callable[..., Number], int, int]] = {
    "sin": (math.sin, 1, 1), "cos": (math.cos, 1, 1), "tan": (math.tan, 1, 1),
    "asin": (math.asin, 1, 1), "acos": (math.acos, 1, 1), "atan": (math.atan, 1, 1),
    "deg": (math.degrees, 1, 1), "rad": (math.radians, 1, 1),
    "sqrt": (math.sqrt, 1, 1), "exp": (math.exp, 1, 1),
    "log": (math.log, 1, 2), "log2": (math.log2, 1, 1), "log10": (math.log10, 1, 1),
    "abs": (abs, 1, 1), "round": (round, 1, 1), "floor": (math.floor, 1, 1),
    "ceil": (math.ceil, 1, 1), "mod": (lambda a, b: a % b, 2, 2),
    "min": (min, 2, 8), "max": (max, 2, 8), "clamp": (_clamp, 3, 3),
}  # fmt: skip
"""Each function with the least and the most numbers that it takes."""


class _Parser:
    """Reads one expression from left to right, and works it out on the way."""

    def __init__(self, text: str, x: Number | None) -> None:
        self._names: dict[str, Number] = dict(CONSTANTS)
        if x is not None:
            self._names["x"] = x
        self._tokens: list[tuple[str, str]] = []
        for match in _TOKEN.finditer(text):
            kind = str(match.lastgroup)
            if kind == "odd":
                raise ExpressionError(f"{match['odd']!r} does not belong into a number")
            self._tokens.append((kind, _SAME.get(match[kind], match[kind])))
        self._at = 0
        self._depth = 0

    def whole(self) -> Number:
        value = self._sum()
        if self._at < len(self._tokens):
            odd = self._tokens[self._at][1]
            if odd == ")":
                raise ExpressionError("a bracket is closed that was not opened")
            raise ExpressionError(f"{odd!r} follows where the number is complete")
        return value

    def _next(self) -> str:
        """Return the sign that comes next, or an empty text."""
        if self._at < len(self._tokens) and self._tokens[self._at][0] == "sign":
            return self._tokens[self._at][1]
        return ""

    def _take(self, *signs: str) -> str:
        """Go beyond the next sign if it is one of `signs`, and return it."""
        sign = self._next()
        if sign not in signs:
            return ""
        self._at += 1
        return sign

    def _sum(self) -> Number:
        value = self._product()
        while sign := self._take("+", "-"):
            other = self._product()
            value = value + other if sign == "+" else value - other
        return value

    def _product(self) -> Number:
        value = self._signed()
        while sign := self._take("*", "/", "//"):
            other = self._signed()
            if sign == "*":
                value = _times(value, other)
            else:
                value = value / other if sign == "/" else value // other
        return value

    def _signed(self) -> Number:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ExpressionError("there are too many brackets inside one another")
        sign = self._take("+", "-")
        value = self._signed() if sign else self._power()
        self._depth -= 1
        return -value if sign == "-" else value

    def _power(self) -> Number:
        base = self._percent()
        return _power(base, self._signed()) if self._take("**") else base

    def _percent(self) -> Number:
        value = self._atom()
        while self._take("%"):
            value = value / 100
        return value

    def _atom(self) -> Number:
        if self._at >= len(self._tokens):
            raise ExpressionError("it ends too soon: a number is missing at the end")
        kind, text = self._tokens[self._at]
        self._at += 1
        if kind == "number":
            return int(text) if text.isdecimal() else float(text)
        if kind == "name":
            return self._named(text)
        if text == "(":
            value = self._sum()
            self._close()
            return value
        raise ExpressionError(f"a number is missing before {text!r}")

    def _named(self, name: str) -> Number:
        low = name.lower()
        if low in FUNCTIONS:
            return self._call(low)
        if low in self._names:
            return self._names[low]
        known = [*FUNCTIONS, *self._names]
        near = get_close_matches(low, known, n=1)
        hint = f"did you mean {near[0]}?" if near else "there are pi, sin, sqrt, min, max and more"
        raise ExpressionError(f"{name!r} is not a number: {hint}")

    def _call(self, name: str) -> Number:
        function, least, most = FUNCTIONS[name]
        if not self._take("("):
            raise ExpressionError(f"{name} needs brackets: {name}(1)")
        numbers = [self._sum()]
        while self._take(","):
            numbers.append(self._sum())
        self._close()
        if not least <= len(numbers) <= most:
            wanted = str(least) if least == most else f"{least} to {most}"
            raise ExpressionError(f"{name} takes {wanted} numbers, not {len(numbers)}")
        try:
            return function(*numbers)
        except (ValueError, TypeError):
            shown = ", ".join(f"{number:g}" for number in numbers)
            raise ExpressionError(f"{name}({shown}) has no value") from None

    def _close(self) -> None:
        if not self._take(")"):
            raise ExpressionError("a bracket is not closed")


def _times(one: Number, other: Number) -> Number:
    if isinstance(one, int) and isinstance(other, int):
        _check_bits(one.bit_length() + other.bit_length())
    return one * other


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(base, int) and isinstance(exponent, int):
        if exponent < 0:
            return float(base) ** exponent
        _check_bits(base.bit_length() * exponent)
    value = base**exponent
    if isinstance(value, complex):
        raise ExpressionError(f"{base:g} ** {exponent:g} has no value")
    return value


def _check_bits(bits: int) -> None:
    if bits > _MOST_BITS:
        raise OverflowError
