"""The judge: counts rows and received calls from outside, and says what is wrong. It shares no code with what it judges."""

import re
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg

MARK = 'chaos-%@example.com'
OPEN = ('pending', 'leased')


@dataclass(slots=True)
class Tables:
    """What the database holds of this run's leads. Ids are 32 hex digits on either engine."""

    leads: set[str] = field(default_factory=set)
    receipts: dict[str, str] = field(default_factory=dict)  # receipt -> lead
    events: dict[str, str] = field(default_factory=dict)  # lead.created event -> lead
    deliveries: list[tuple[str, str, str, str]] = field(default_factory=list)  # event, destination, state, last class
    destinations: dict[str, str] = field(default_factory=dict)  # id -> kind


@dataclass(slots=True)
class Verdict:
    """`problems` is empty when nothing was lost; `facts` are the figures to report."""

    problems: list[str]
    facts: dict[str, Any]


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    """Ask the database directly; `?` stands for nothing here: queries are our own constants."""
    if url.startswith('sqlite'):
        with closing(sqlite3.connect(f'file:{url.removeprefix("sqlite:///")}?mode=ro', uri=True, timeout=10)) as connection:
            return connection.execute(query).fetchall()
    with psycopg.connect(url, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def change(url: str, steps: Iterable[str], *, blind: bool = False) -> None:
    """Write to the database directly; `blind` makes its foreign keys look away."""
    if url.startswith('sqlite'):
        with closing(sqlite3.connect(url.removeprefix('sqlite:///'), timeout=10)) as connection, connection:
            for step in steps:
                connection.execute(step)
    else:
        with psycopg.connect(url) as connection:
            if blind:
                connection.execute('set session_replication_role = replica')
            for step in steps:
                connection.execute(step.encode())


def read(url: str) -> Tables:
    """Read all that is judged."""
    ours = f"select id from leads where email like '{MARK}'"
    return Tables(
        leads={_hex(row[0]) for row in rows(url, ours)},
        receipts={_hex(r): _hex(lead) for r, lead in rows(url, f'select id, lead_id from submissions where lead_id in ({ours})')},
        events={
            _hex(event): _hex(lead)
            for event, lead in rows(url, f"select id, lead_id from lead_events where event_type = 'lead.created' and lead_id in ({ours})")
        },
        deliveries=[
            (_hex(event), _hex(destination), str(state), str(last or ''))
            for event, destination, state, last in rows(
                url,
                'select d.event_id, d.destination_id, d.state, d.last_class from deliveries d join lead_events e on e.id = d.event_id'
                f" where e.event_type = 'lead.created' and e.lead_id in ({ours})",
            )
        ],
        destinations={_hex(i): kind for i, kind in rows(url, 'select id, kind from destinations')},
    )


def undecided(url: str) -> int:
    """How many deliveries have not ended yet."""
    return int(rows(url, f'select count(*) from deliveries where state in {OPEN}')[0][0])


def judge(tables: Tables, acknowledged: Iterable[str], slack_marks: Iterable[str], hook_ids: Iterable[str], *, kills: int) -> Verdict:
    """Compare what was promised with what is there and with what arrived.

    `acknowledged` are the lead ids of all 201 answers, `slack_marks` the lead marks of what Slack took, `hook_ids` the webhook-id
    of each call that the signed webhook took: both with their repetitions.
    """
    promised = {_hex(lead) for lead in acknowledged}
    problems = [f'acknowledged but not stored: lead {lead}' for lead in sorted(promised - tables.leads)]
    problems += [f'stored but never acknowledged: lead {lead}' for lead in sorted(tables.leads - promised)]
    problems += [f'no receipt for lead {lead}' for lead in sorted(tables.leads - set(tables.receipts.values()))]
    created = Counter(tables.events.values())
    problems += [f'{created[lead]} lead.created events for lead {lead}' for lead in sorted(tables.leads) if created[lead] != 1]
    problems += _deliveries(tables)
    slack, hooks = Counter(slack_marks), Counter(hook_ids)
    twins = sum(slack.values()) - len(slack)
    hook_deliveries = sum(1 for _, destination, _, _ in tables.deliveries if tables.destinations[destination] == 'webhook')
    if twins > kills * 8:
        problems.append(f'{twins} twins at Slack are more than {kills} kills x 8 calls under way')
    if len(slack) < len(tables.leads):
        problems.append(f'Slack heard of {len(slack)} leads, {len(tables.leads)} are stored')
    if len(hooks) != hook_deliveries:
        problems.append(f'the signed webhook knows {len(hooks)} messages, {hook_deliveries} were to be delivered')
    return Verdict(problems, _facts(tables, promised, slack, hooks))


def _deliveries(tables: Tables) -> list[str]:
    problems = []
    states = {(event, destination): (state, last) for event, destination, state, last in tables.deliveries}
    if len(states) != len(tables.deliveries):
        problems.append(f'{len(tables.deliveries) - len(states)} deliveries are there twice')
    for event, lead in tables.events.items():
        for destination, kind in tables.destinations.items():
            state, last = states.get((event, destination), ('', ''))
            if state != 'sent':
                problems.append(f'lead {lead}, {kind}: ' + (f'{state} ({last or "no reason"}), not sent' if state else 'no delivery'))
    return problems


def _facts(tables: Tables, promised: set[str], slack: Counter[str], hooks: Counter[str]) -> dict[str, Any]:
    return {
        'acknowledged': len(promised),
        'stored': len(tables.leads),
        'receipts': len(tables.receipts),
        'events': len(tables.events),
        'deliveries': dict(Counter(state for _, _, state, _ in tables.deliveries)),
        'slack_messages': sum(slack.values()),
        'slack_twins': sum(slack.values()) - len(slack),
        'hook_calls': sum(hooks.values()),
        'hook_repeats': sum(hooks.values()) - len(hooks),
        'hook_twins_after_dedupe': 0 if hooks else None,
    }


def marks(texts: Iterable[str]) -> list[str]:
    """The lead marks (Lead000123) of these messages, one each; a message without one counts as its own."""
    found = []
    for number, text in enumerate(texts):
        mark = re.search(r'Lead\d{6}', text)
        found.append(mark[0] if mark else f'unmarked {number}')
    return found


def hook_ids(calls: Iterable[tuple[str, dict[str, Any]]], leads: Iterable[str]) -> list[str]:
    """The webhook-id of each call that tells of a new lead among `leads`."""
    ours = {_hex(lead) for lead in leads}
    return [key for key, body in calls if body.get('type') == 'lead.created' and _hex(body['data']['leadId']) in ours]


def plant(url: str, what: str) -> str:
    """Spoil the database as a bug would, so that the judge can be seen to notice: lost-row, lost-delivery, unsent. Names the lead."""
    lead = str(rows(url, f"select id from leads where email like '{MARK}' order by id limit 1")[0][0])
    text, uuid = ('', '') if url.startswith('sqlite') else ('::text', '::uuid')
    steps = {
        'lost-row': [
            *(f"delete from {table} where {column} = '{lead}'" for table, column in _tables_of_leads(url)),
            f"delete from leads where id = '{lead}'",
        ],
        'lost-delivery': [f"delete from deliveries where id = (select min(id{text}){uuid} from deliveries where lead_id = '{lead}')"],
        'unsent': [f"update deliveries set state = 'dead', last_class = 'planted' where lead_id = '{lead}'"],
    }[what]
    change(url, steps, blind=True)
    return _hex(lead)


def _tables_of_leads(url: str) -> list[tuple[str, str]]:
    if url.startswith('sqlite'):
        query = "select m.name, c.name from sqlite_master m join pragma_table_info(m.name) c where m.type = 'table' and c.name = 'lead_id'"
    else:
        query = "select table_name, column_name from information_schema.columns where table_schema = 'public' and column_name = 'lead_id'"
    return [(str(table), str(column)) for table, column in rows(url, query)]


def _hex(value: object) -> str:
    return value.hex if isinstance(value, UUID) else UUID(str(value)).hex
