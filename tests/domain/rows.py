"""What the domain tests begin with: an installation with its facts, submissions, and all rows as plain values to compare."""

import json
import re
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from domain.base.db import Database
from domain.base.scope import Scope, system
from domain.base.secrets import SecretBox
from domain.base.settings import Settings
from domain.desk.actions import prepare
from domain.intake import rules
from domain.intake.facts import Credential, Facts
from domain.intake.messages import Arrival, ChatbotLead, Contact, ContactMessage, PropertyInquiry, Submission
from domain.intake.queries import snapshot
from domain.outbox.destinations import add_destination
from domain.outbox.messages import DestinationOrder
from domain.tenancy.models import Location, Tenant
from migrations.models import metadata

BOX = SecretBox('a key for tests, long enough to be one')
MODELS: dict[str, type[Contact]] = {'chatbot': ChatbotLead, 'contact': ContactMessage, 'property': PropertyInquiry}
TABLES = [table for table in metadata.sorted_tables if table.name != 'leases']
_VOLATILE = re.compile(
    r'[0-9a-f]{8}-?[0-9a-f]{4}-?7[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}|\d{4}-\d\d-\d\d[T ][\d:.]+(?:Z|\+00:00)?|\.[0-9a-f]{32}\b'
)


def copy_of(url: str, target: Path) -> str:
    """A copy of a SQLite database."""
    source = Path(url.removeprefix('sqlite:///'))
    for suffix in ('', '-wal'):
        if Path(f'{source}{suffix}').exists():
            shutil.copyfile(f'{source}{suffix}', f'{target}{suffix}')
    return f'sqlite:///{target}'


def prepared(db: Database) -> UUID:
    """The first tenant of a fresh database."""
    with db.transaction() as session:
        return prepare(session, Settings(admin_api_key=None), BOX, {}).id


def other_tenant(db: Database) -> UUID:
    """Another organisation."""
    with db.transaction() as session:
        tenant = Tenant(slug='other', name='Other')
        session.add(tenant)
        session.flush()
        session.add(Location(tenant_id=tenant.id, slug='main', name='Main', is_default=True))
        return tenant.id


def facts_of(db: Database, tenant_id: UUID, *, kind: str = 'api', name: str | None = None) -> Facts:
    """The snapshot for a credential of this kind."""
    credential = Credential(name or f'{kind}:1', kind, None, 'key', frozenset({'all'}) if kind == 'api' else frozenset())
    with db.reading() as session:
        return snapshot(session, Scope(tenant_id), credential, sign=BOX.sign, expire=timedelta(hours=72))


def destination(db: Database, tenant_id: UUID, name: str, **more: Any) -> UUID:
    """A destination that hears of leads."""
    order = DestinationOrder(kind='webhook', name=name, config={'url': 'https://example.com/'}, **more)
    with db.transaction() as session:
        return add_destination(session, system(tenant_id), order, BOX).id


def command(route: str = 'contact', *, key: str | None = None, raw: bytes | None = None, grade: bool = False, **fields: Any) -> Submission:
    """A checked submission, as the routes make it."""
    body = {'name': 'Ada', 'message': 'Please call me.'} | fields
    arrival = Arrival(raw or json.dumps(body).encode(), 'application/json', {'user-agent': 'test'}, 'hash', key)
    return rules.submission(MODELS[route].model_validate(body), arrival, route, 'US', may_grade=grade)


def table(db: Database, name: str, where: str = '') -> list[dict[str, Any]]:
    """All rows of a table in the order of their making."""
    chosen = metadata.tables[name]
    query = sa.select(chosen).order_by(*(column for column in chosen.columns if column.name in ('id', 'created_at')))
    with db.reading() as session:
        return [dict(row) for row in session.execute(query.where(sa.text(where)) if where else query).mappings()]


def everything(db: Database) -> dict[str, list[dict[str, Any]]]:
    """All rows of all tables, with ids, instants and signatures masked but told apart by their number of kinds."""
    return {
        chosen.name: sorted((_masked(row) for row in table(db, chosen.name)), key=lambda row: json.dumps(row, sort_keys=True))
        for chosen in TABLES
    }


def _masked(row: dict[str, Any]) -> dict[str, Any]:
    masks = {'config_sealed', 'provider_key'}
    return {name: _plain(value) for name, value in row.items() if name not in masks}


def _plain(value: Any) -> Any:
    if isinstance(value, UUID):
        return 'id'
    if isinstance(value, datetime):
        return 'time'
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, str):
        return _VOLATILE.sub('*', value)
    return json.loads(_VOLATILE.sub('*', json.dumps(value)))
