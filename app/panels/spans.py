"""Spans of time, moments and counts of nodes in words, no finer than they are known."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from app.words import translate

if TYPE_CHECKING:
    from graph.runs.estimate import Estimate

_MINUTE, _HOUR = 60, 3600
_EXACT = 10
"""Seconds up to which each one counts."""
_STEP = 5


def about(seconds: float) -> str:
    """Return a span that is only estimated."""
    if seconds < 1:
        return translate("Spans", "less than 1 s")
    return translate("Spans", "about {0}").format(_rounded(seconds))


def _rounded(seconds: float) -> str:
    if round(seconds) <= _EXACT:
        return translate("Spans", "{0} s").format(round(seconds))
    if seconds < 1.5 * _MINUTE:
        return translate("Spans", "{0} s").format(round(seconds / _STEP) * _STEP)
    if seconds < 1.5 * _HOUR:
        return translate("Spans", "{0} min").format(round(seconds / _MINUTE))
    return translate("Spans", "{0:.1f} h").format(seconds / _HOUR)


def took(ms: float) -> str:
    """Return a span that was measured."""
    seconds = ms / 1000
    if seconds < _EXACT:
        return translate("Spans", "{0:.1f} s").format(seconds)
    if seconds < _MINUTE:
        return translate("Spans", "{0:.0f} s").format(seconds)
    minutes, rest = divmod(round(seconds), _MINUTE)
    if minutes < _MINUTE:
        return translate("Spans", "{0}:{1:02} min").format(minutes, rest)
    return translate("Spans", "{0}:{1:02} h").format(*divmod(minutes, _MINUTE))


def moment(seconds: float, now: float) -> str:
    """Return a moment of this machine's clock, as one would say it at `now`; since 1970."""
    then, today = datetime.fromtimestamp(seconds), datetime.fromtimestamp(now)  # noqa: DTZ006 - the clock on the wall is meant
    clock = f"{then:%H:%M}"
    if then.date() == today.date():
        return clock
    if (today.date() - then.date()).days == 1:
        return translate("Spans", "yesterday {0}").format(clock)
    day = f"{then.day} {then:%b}" if then.year == today.year else f"{then:%Y-%m-%d}"
    return f"{day} {clock}"


def nodes(count: int) -> str:
    """Return a number of nodes."""
    if count == 1:
        return translate("Spans", "1 node")
    return translate("Spans", "{0} nodes").format(count)


def foreseen(estimate: Estimate) -> str:
    """Return what a run would do: how many nodes, and how long."""
    if not estimate.most:
        return translate("Spans", "Up to date")
    words = nodes(estimate.most)
    if estimate.certain < estimate.most:
        words = translate("Spans", "up to {0}").format(words)
    if not estimate.unknown:
        return f"{words}, {about(estimate.seconds)}"
    if estimate.seconds >= 1:
        long = translate("Spans", "more than {0}").format(_rounded(estimate.seconds))
        return f"{words}, {long}"
    return words
