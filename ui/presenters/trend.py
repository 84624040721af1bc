"""First replies to hot leads, day by day, as the lines of a chart: all in shares of its width and height, so that the page only draws."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from domain.desk.reports import Figures, FirstReplies, Part
from ui.presenters import words
from ui.presenters.reports import lasted

# The tops that a scale may have, in seconds: each halves into something people say.
_TOPS = (60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 43_200, 86_400, 172_800, 345_600, 604_800, 1_209_600, 2_592_000)


def trend(found: FirstReplies) -> dict[str, Any]:
    """Both lines and the limit for hot leads; `days` tell each day in words. Without a reply there are no lines."""
    times = [seconds for day in found.hot_days for seconds in (day.figures.median, day.figures.p90) if seconds is not None]
    top = _top(max([*times, found.hot_limit]))
    return {
        'median': _line(found.hot_days, lambda figures: figures.median, top),
        'p90': _line(found.hot_days, lambda figures: figures.p90, top),
        'limit': round(1 - found.hot_limit / top, 4),
        'limitText': lasted(found.hot_limit),
        'scale': [lasted(top), lasted(top / 2), '0'],
        'days': [{'name': _named(day), 'told': _told(day.figures)} for day in found.hot_days],
        'empty': not times,
    }


def _top(most: float) -> float:
    return next((top for top in _TOPS if top >= most), float(most))


def _line(days: Sequence[Part], take: Callable[[Figures], float | None], top: float) -> list[tuple[float, float]]:
    """Points (x, y), y from the top; a day without a reply is none, and the line goes on past it."""
    last = max(1, len(days) - 1)
    points = [(number / last, take(day.figures)) for number, day in enumerate(days)]
    return [(round(x, 4), round(1 - seconds / top, 4)) for x, seconds in points if seconds is not None]


def _named(day: Part) -> str:
    moment = date.fromisoformat(day.key)
    return f'{moment:%a} {moment.day} {moment:%b}'


def _told(figures: Figures) -> str:
    return f'{words.count(figures.leads, "hot lead")}, median {lasted(figures.median)}, 90th percentile {lasted(figures.p90)}'
