"""What the pages, routes and commands may ask of the rest of the house: plain callables that app.py fills, tests with twins."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from domain.base.db import Database
from domain.base.doorbell import Doorbell
from domain.base.keep import Keeper
from domain.base.secrets import SecretBox
from domain.base.settings import Settings
from domain.intake.facts import FactsBook
from integrations.ports import Channel


@dataclass(frozen=True, slots=True)
class Doors:
    """Everything the door floor is given. `db`, `bell` and `box` are the shared plumbing; the rest reaches other floors."""

    settings: Settings
    db: Database
    keeper: Keeper
    bell: Doorbell
    box: SecretBox
    facts: FactsBook
    probe: Callable[[], dict[str, Any]]  # state of every service, in words (health)
    check_destination: Callable[[str, dict[str, str]], dict[str, bool]]  # kind, config -> field: secret?; raises ValueError with a sentence
    channels: Mapping[str, Channel] = field(default_factory=dict)  # the kinds of destination there are
    first_run_code: str = ''  # asked for where others than this machine may reach the first-run page
