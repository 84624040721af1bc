"""What two leads and all their children look like, as hashes to compare."""

import hashlib
import json
from typing import Any
from uuid import UUID

from tests.domain.conftest import Desk
from tests.domain.lead_rows import lead_row
from tests.domain.rows import table

CHILDREN = ('lead_identities', 'conversations', 'conversation_timeline', 'submissions', 'lead_events', 'deliveries', 'sla_clocks')


def fingerprint(desk: Desk, *lead_ids: UUID, without: frozenset[UUID] = frozenset()) -> dict[str, str]:
    """A hash of the leads' rows and of each table of their children; left out are version, changed_at and the rows named."""
    found: dict[str, list[Any]] = {}
    for lead_id in lead_ids:
        row = lead_row(desk, lead_id)
        found.setdefault('leads', []).append({name: value for name, value in row.items() if name not in ('version', 'changed_at')})
    for name in CHILDREN:
        found[name] = [row for row in table(desk.db, name) if row['lead_id'] in lead_ids and row.get('id') not in without]
    held = {row['id'] for row in found['conversations']}
    found['chat_messages'] = [row for row in table(desk.db, 'chat_messages') if row['conversation_id'] in held]
    return {name: hashlib.sha256(json.dumps(rows, default=str, sort_keys=True).encode()).hexdigest() for name, rows in found.items()}


def ids_of(desk: Desk) -> frozenset[UUID]:
    """All timeline entries, events and deliveries there are: what a merge may add to, and nothing else."""
    return frozenset(row['id'] for name in ('conversation_timeline', 'lead_events', 'deliveries') for row in table(desk.db, name))
