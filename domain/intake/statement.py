"""The only hand-written inserts: the rows of a new lead, one line each, read top-down like a receipt.

Both paths use this text: the keepers for strangers, `take()` for the rest; a test compares the rows of both on both engines.
"""

import re
from collections.abc import Mapping, Sequence
from operator import itemgetter
from uuid import UUID

from domain.base.doorbell import Doorbell, Ring
from domain.base.keep import Line, Record, Statement

INSERTS: tuple[tuple[str | None, str], ...] = (
    (
        None,
        'leads(id, tenant_id, location_id, name, email, phone, quality, quality_points, quality_reason, status, stage, source,'
        ' last_message, unread, facts, possible_duplicates, version, created_at, changed_at, next_at,'
        ' queue)'
        " values(:lead, :tenant, :location, :name, :email, :phone, :quality, :points, :reason, 'open', 'new', :source, :gist,"
        " true, :about, '[]', 1, :now, :now, :due, :queue)",
    ),
    (
        None,
        'submissions(id, tenant_id, lead_id, event_id, outcome, route, credential, content_type, raw, headers, address_hash, problems,'
        ' received_at)'
        " values(:receipt, :tenant, :lead, :event, 'created', :route, :credential, :content_type, :raw, :headers, :address, '[]', :now)",
    ),
    (
        None,
        'idempotency_keys(tenant_id, digest, body_hash, keyed, submission_id, response, created_at, expires_at)'
        ' values(:tenant, :digest, :body_hash, :keyed, :receipt, :answer, :now, :key_expires)',
    ),
    ('identities', 'lead_identities(tenant_id, kind, value, lead_id) values(:tenant, :kind, :value, :lead)'),
    (
        None,
        'conversations(id, tenant_id, lead_id, source, device_info, metadata, sla_response_deadline, sla_breached, created_at)'
        ' values(:conversation, :tenant, :lead, :source, :device, :origin, :due, false, :now)',
    ),
    (
        None,
        'chat_messages(id, tenant_id, conversation_id, submission_id, author, content, created_at)'
        " values(:message, :tenant, :conversation, :receipt, 'customer', :words, :now)",
    ),
    (
        None,
        'sla_clocks(id, tenant_id, lead_id, conversation_id, kind, started_at, due_at, window_seconds,'
        ' clock, warn_at, fires_at, escalate_seconds)'
        " values(:clock, :tenant, :lead, :conversation, 'first_reply', :now, :due, :window, :counted, :warn, :warn, :escalate)",
    ),
    (
        'clocks',
        'sla_clocks(id, tenant_id, lead_id, conversation_id, kind, started_at, due_at, window_seconds,'
        ' clock, warn_at, fires_at, escalate_seconds)'
        ' values(:more, :tenant, :lead, :conversation, :more_kind, :now, :more_due, :more_window, :counted, :more_warn, :more_warn,'
        ' :escalate)',
    ),
    (
        None,
        'conversation_timeline(id, tenant_id, lead_id, conversation_id, at, event_type, title, description, actor_type, actor_name,'
        ' metadata)'
        " values(:entry, :tenant, :lead, :conversation, :now, 'created', :entry_title, :words, 'customer', :actor_name, :entry_facts)",
    ),
    (
        None,
        'lead_events(id, tenant_id, lead_id, lead_seq, conversation_id, event_type, payload, fanout, created_at)'
        " values(:event, :tenant, :lead, 1, :conversation, 'lead.created', :payload, :fanout, :now)",
    ),
    (
        'deliveries',
        'deliveries(id, tenant_id, event_id, lead_id, destination_id, generation, provider_key, priority, state, attempts, claims, fence,'
        ' next_at, uncertain, created_at, expires_at)'
        " values(:delivery, :tenant, :event, :lead, :destination, 1, :provider_key, :priority, 'pending', 0, 0, 0, :now, false, :now,"
        ' :expires)',
    ),
)


# What is asked where one of a group was refused: who of them is known?
MEETINGS: tuple[tuple[str | None, str], ...] = (
    (None, 'select 1 from idempotency_keys where tenant_id = :tenant and digest = :digest'),
    ('identities', 'select 1 from lead_identities where tenant_id = :tenant and kind = :kind and value = :value'),
)

# The PostgreSQL types of values that are not text; a record comes as JSON, so the raw bytes come in hexadecimal.
TYPES: Mapping[str, str] = {
    **dict.fromkeys(('lead', 'receipt', 'conversation', 'event', 'message', 'clock', 'entry', 'tenant', 'location'), 'uuid'),
    **dict.fromkeys(('now', 'due', 'warn', 'key_expires', 'expires'), 'timestamptz'),
    **dict.fromkeys(('points', 'window', 'escalate', 'fanout', 'priority'), 'integer'),
    'keyed': 'boolean',
}
CASTS: Mapping[str, str] = {
    'raw': "decode(r.raw, 'hex')",
    **{name: f'r.{name}::jsonb' for name in ('about', 'device', 'origin', 'headers', 'entry_facts', 'payload')},
}
LISTS: Mapping[str, Mapping[str, str]] = {
    'identities': {'kind': 'text', 'value': 'text'},
    'clocks': {'more': 'uuid', 'more_kind': 'text', 'more_due': 'timestamptz', 'more_window': 'integer', 'more_warn': 'timestamptz'},
    'deliveries': {'delivery': 'uuid', 'destination': 'uuid', 'provider_key': 'text'},
}

_NAME = re.compile(r':([a-z_]+)')


def named(text: str) -> str:
    """The insert with its parameters named: what SQLite and SQLAlchemy take."""
    return 'insert into ' + text


def statement() -> Statement:
    """Both engines' forms of INSERTS."""
    return Statement(
        lines=tuple(_line(each, named(line)) for each, line in INSERTS),
        meetings=tuple(_line(each, line) for each, line in MEETINGS),
        postgres=_postgres(),
        postgres_meetings=_postgres_meetings(),
        rings=rings,
    )


def _line(each: str | None, text: str) -> Line:
    """With `?` for each name: binding a tuple costs SQLite's driver half of what looking up names does."""
    return Line(_NAME.sub('?', text), itemgetter(*_NAME.findall(text)), each)


def rings(record: Record) -> Sequence[Ring]:
    """What to say once the rows are there."""
    tenant = _id(record['tenant'])
    lead = Ring('lead', tenant, (_id(record['lead']),))
    if not record['deliveries']:
        return (lead,)
    return (Ring('outbox', tenant, tuple(_id(item['destination']) for item in record['deliveries'])), lead)


def _id(value: UUID | str) -> UUID:
    """SQLite's keeper rings with the record as it has bound it: ids as hexadecimal digits."""
    return value if isinstance(value, UUID) else UUID(value)


def _postgres() -> str:
    """One statement of CTEs over the records; `$2` is what to notify."""
    parts = [f'r{index} as ({_insert(each, line)})' for index, (each, line) in enumerate(INSERTS)]
    bells = f"select pg_notify('{Doorbell.CHANNEL}', bell) from json_array_elements_text($2::json) as bell"
    return f'with r as materialized ({_records()}), {", ".join(parts)} {bells}'


def _postgres_meetings() -> str:
    """The places in the list, from 0, of those whose key or person is known."""
    asked = ' or '.join(f'exists({_question(each, text)})' for each, text in MEETINGS)
    return f'with r as materialized ({_records()}) select place from r where {asked}'


def _records() -> str:
    names = sorted({name for each, line in INSERTS for name in _NAME.findall(line) if name not in (LISTS[each] if each else ())})
    columns = ', '.join(f'"{name}" {TYPES.get(name, "text")}' for name in names) + ''.join(f', {name} json' for name in LISTS)
    # One row per element of the list, numbered: WITH ORDINALITY wants the elements first.
    return (
        'select all_.place - 1 as place, one.* from json_array_elements($1::json) with ordinality as all_(body, place),'
        f' json_to_record(all_.body) as one({columns})'
    )


def _insert(each: str | None, line: str) -> str:
    columns, _, values = named(line).partition(' values(')
    return f'{columns} select {_valued(each, values.removesuffix(")"))} from r{_elements(each)}'


def _question(each: str | None, text: str) -> str:
    """The question of one record, for all of them."""
    head, _, where = text.partition(' where ')
    inner = f'{head} as known where {_valued(each, where)}'
    return inner if each is None else f'select 1 from {_elements(each).removeprefix(", ")} where exists({inner})'


def _elements(each: str | None) -> str:
    if each is None:
        return ''
    columns = ', '.join(f'{name} {kind}' for name, kind in LISTS[each].items())
    return f', json_to_recordset(r.{each}) as each({columns})'


def _valued(each: str | None, text: str) -> str:
    lists = LISTS[each] if each else {}
    return _NAME.sub(lambda match: f'each.{match[1]}' if match[1] in lists else CASTS.get(match[1], f'r."{match[1]}"'), text)
