"""Validating stand-ins made from the vendors' own API descriptions, where those lie beside the checkout."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


def contracts_folder() -> Path:
    """Where the descriptions lie, and the program that makes stand-ins of them."""
    return Path(os.environ.get('CONTRACTS_DIR') or REPOSITORY.parent / 'shared' / 'contracts')


@contextmanager
def stand_ins(*names: str) -> Iterator[dict[str, str]]:
    """The addresses of these vendors' stand-ins, by vendor; the test is skipped loudly where they are not at hand."""
    folder = contracts_folder()
    if not (folder / 'serve').exists():
        pytest.skip('NO CONTRACTS: set CONTRACTS_DIR to the folder of the vendor contracts to run this test')
    command = [sys.executable, '-B', str(folder / 'serve'), *(f'{name}=0' for name in names)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield dict(process.stdout.readline().split() for _ in names)
        finally:
            process.terminate()
