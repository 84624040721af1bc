"""A carrier whose Slack and webhook receivers are imitated, on either engine."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlmodel import col, select

from domain.alerts.models import Alert
from domain.base.db import Database
from domain.base.secrets import SecretBox
from domain.base.settings import Settings
from domain.outbox.models import LeadEvent
from domain.timeline.models import TimelineEntry
from integrations.registry import twin
from integrations.simulated.memory import Memory
from tasks.carry import Carrier
from tests.domain.outbox_rows import Rows

KEY = 'a key for tests, of at least thirty-two characters'
LONG = timedelta(hours=2)


@dataclass
class Post:
    """The rows, the carrier, and what the imitated receivers got."""

    rows: Rows
    carrier: Carrier
    box: SecretBox
    settings: Settings

    def place(self, **fields: Any) -> tuple[UUID, Memory]:
        """A destination of kind slack and its receiver."""
        config = {'url': f'simulated:{uuid4().hex}'}  # a receiver of its own
        id_ = self.rows.destination(sealed=self.box.seal(json.dumps(config)), rate=1e6, **fields)
        receiver = twin('slack', config)
        assert isinstance(receiver, Memory)
        return id_, receiver

    def timeline(self) -> list[str]:
        with self.rows.db.reading() as session:
            return [entry.title for entry in session.exec(select(TimelineEntry).order_by(col(TimelineEntry.id)))]

    def alerts(self) -> list[Alert]:
        with self.rows.db.reading() as session:
            return list(session.exec(select(Alert).order_by(col(Alert.id))))

    def events(self, kind: str) -> list[LeadEvent]:
        with self.rows.db.reading() as session:
            return list(session.exec(select(LeadEvent).where(LeadEvent.event_type == kind)))


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, _env_file=None)  # type: ignore[call-arg]  # no .env of the checkout


@pytest.fixture
def post(db: Database, settings: Settings) -> Post:
    return _post(db, settings)


def _post(db: Database, settings: Settings) -> Post:
    box = SecretBox(KEY)
    return Post(Rows.make(db), Carrier(settings, db, box, None, 'test'), box, settings)


@pytest.fixture
def post_on() -> Callable[[Database, Settings], Post]:
    return _post
