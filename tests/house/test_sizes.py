"""Files and functions stay small enough to be read in one look."""

import statistics
from pathlib import Path

import pytest

from tests.house.tree import functions, sources, text

FILE_CEILING, FILE_MEDIAN = 300, 90
FUNCTION_CEILING, FUNCTION_MEDIAN = 50, 8
APP_CEILING = 120


def written(*tops: str) -> list[Path]:
    # A revision is a list of tables, made by the template and never edited again.
    return [path for path in sources(*tops) if path.parts[:2] != ('migrations', 'versions')]


def lengths(*tops: str) -> dict[str, int]:
    return {path.as_posix(): len(text(path).splitlines()) for path in written(*tops) if text(path).strip()}


def function_lengths(*tops: str) -> dict[str, int]:
    return {
        f'{path}:{function.lineno} {function.name}': (function.end_lineno or function.lineno) - function.lineno + 1
        for path in written(*tops)
        for function in functions(path)
    }


def test_no_file_is_longer_than_the_ceiling() -> None:
    assert {name: length for name, length in (lengths() | lengths('tests')).items() if length > FILE_CEILING} == {}


def test_no_function_is_longer_than_the_ceiling() -> None:
    assert {name: length for name, length in function_lengths().items() if length > FUNCTION_CEILING} == {}
    assert {name: length for name, length in function_lengths('tests').items() if length > FUNCTION_CEILING} == {}


def test_the_usual_file_and_function_are_short() -> None:
    if len(lengths()) < 20:
        pytest.skip('too few files for a median to mean anything')
    assert statistics.median(lengths().values()) <= FILE_MEDIAN
    assert statistics.median(function_lengths().values()) <= FUNCTION_MEDIAN


def test_the_composition_root_stays_a_list_of_decisions() -> None:
    assert lengths().get('app.py', 0) <= APP_CEILING
