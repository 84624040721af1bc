"""The health page in words: services with their bars, and the sentence on loss."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.desk.health import HealthPage, Look, Service
from domain.desk.loss_check import Result, Running
from domain.desk.pulse import KEPT, READ_ROWS
from ui.presenters import words
from ui.presenters.alerts import closed, opened
from ui.presenters.words import ms

STATES: dict[str, tuple[str, words.Tone]] = {
    'ok': ('Healthy', 'green'),
    'degraded': ('Degraded', 'amber'),
    'down': ('Failing', 'red'),
    '': ('Not checked', ''),
}
ENGINES = {'sqlite': 'SQLite, write-ahead log', 'postgresql': 'PostgreSQL'}
_OWN_ICONS = {'database': 'database', 'intake': 'inbox', 'workers': 'server', 'queue': 'layers', 'housekeeping': 'clock'}
_LOWEST = 25  # percent of a bar that is always drawn
_LAST_TRIES = 20
_ALERTS_MOST = 50


def view(page: HealthPage, kinds: Mapping[str, tuple[str, str]], *, may_acknowledge: bool) -> dict[str, Any]:
    """All that the component draws; instants in milliseconds. `kinds` are name and icon of the kinds of destination."""
    word, tone = STATES[page.overall]
    unseen = sum(alert.acknowledged_at is None for alert in page.alerts)
    own = [service for service in page.services if not service.destination]
    places = [service for service in page.services if service.destination]
    ordered = [*(s for s in own if s.name != 'housekeeping'), *places, *(s for s in own if s.name == 'housekeeping')]
    return {
        'state': word,
        'tone': tone,
        'checked': ms(page.checked_at),
        'kept': f'{page.kept:,} kept in 14 days',
        'oldest': {'at': ms(page.oldest.since), 'place': page.oldest.destination, 'paused': page.oldest.paused} if page.oldest else None,
        'running': _running(page.running) if page.running else None,
        'result': _result(page.result) if page.result else None,
        'services': [_service(service, page.engine, kinds) for service in ordered],
        'unseen': unseen,
        'alerts': [opened(alert, may_acknowledge) for alert in page.alerts[:_ALERTS_MOST]],
        'more': max(0, len(page.alerts) - _ALERTS_MOST),
        'closed': [closed(alert) for alert in page.closed],
    }


def _running(run: Running) -> dict[str, Any]:
    return {'percent': run.percent, 'part': run.part, 'by': _by(run.by), 'stopped': run.stopped}


def _result(result: Result) -> dict[str, Any]:
    looked = f'{result.receipts:,} receipts, {result.events:,} events and {result.deliveries:,} deliveries'
    return {
        'at': ms(result.at),
        'missing': result.missing,
        'rows': f'{result.missing:,} {"row is" if result.missing == 1 else "rows are"} missing',
        'looked': f'{looked} compared in {result.seconds:.1f} s, asked for by {_by(result.by)}.',
        'lost': [{'what': each['what'], 'ids': _ids(each)} for each in result.lost],
        'unnamed': result.missing - len(result.lost),
    }


def _by(name: str) -> str:
    return 'the desk itself' if name == 'system' else name


def _ids(loss: dict[str, str]) -> list[str]:
    names = {'receiptId': 'receipt', 'eventId': 'event', 'leadId': 'lead'}
    return [f'{word} {loss[name]}' for name, word in names.items() if name in loss]


def _service(service: Service, engine: str, kinds: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    word, tone = _state(service)
    name, icon, about, value, label, hint = _place(service, kinds) if service.destination else _own(service, engine)
    return {
        'key': service.name,
        'name': name,
        'icon': icon,
        'about': about,
        'value': value,
        'label': label,
        'hint': hint,
        'state': word,
        'tone': tone,
        'bars': _bars(service.looks),
        'said': _said(service.looks),
        'tried': ms(service.tried_at),
    }


def _state(service: Service) -> tuple[str, words.Tone]:
    if not service.destination:
        return STATES[service.state]
    resting = service.tried_at is not None
    return words.destination(paused=bool(service.reason), resting=resting, recent=service.recent, dead=service.dead)


def _own(service: Service, engine: str) -> tuple[str, str, str, str, str, str]:
    icon = _OWN_ICONS[service.name]
    last = service.looks[-1].value if service.looks else None
    slowest = p95([look.value for look in service.looks])
    match service.name:
        case 'database':
            hint = f'Time to read the {READ_ROWS} newest leads; 95 of 100 checks were faster'
            return 'Database', icon, ENGINES.get(engine, engine), _took(slowest), 'p95 read', hint
        case 'intake':
            hint = 'Time until a small row is written and flushed, as each lead is before its answer; 95 of 100 checks were faster'
            return 'Intake', icon, 'Chat, forms and API', _took(slowest), 'p95 write', hint
        case 'workers':
            alive = int(service.reason or 0)
            about = f'{alive} alive' if alive else 'None is running: leads are stored and wait'
            return 'Workers', icon, about, _count(last), 'waiting over 5 s', 'Deliveries that should have gone out more than 5 s ago'
        case 'queue':
            about = 'In memory' if service.reason == 'memory' else 'Redis'
            if service.state == 'degraded':
                about = f'{about} does not answer, the relay goes on without it'
            return 'Queue', icon, about, _count(last), 'wakes waiting', 'The queue only wakes workers: it holds nothing that could be lost'
    return 'Housekeeping', icon, 'A check every 30 s', '–' if last is None else f'{last:.1f} s', 'late', 'How late the last check came'


def _place(service: Service, kinds: Mapping[str, tuple[str, str]]) -> tuple[str, str, str, str, str, str]:
    kind, icon = kinds.get(service.kind, (service.kind.capitalize(), words.ANY_PLACE))
    about = kind
    if service.reason:
        about = service.reason if service.reason.startswith('Paused') else f'Paused. {service.reason}'
    elif service.state == 'down':
        about = f'{kind}, failing and left alone for a while'
    if service.dead and not service.reason:
        label = 'dead letter' if service.dead == 1 else 'dead letters'
        return service.destination, icon, about, f'{service.dead:,}', label, 'Deliveries that were given up; they can be sent again'
    if service.reason:
        return service.destination, icon, about, f'{service.waiting:,}', 'waiting', 'Deliveries that go out once it is resumed'
    label = 'recent failure' if service.failed == 1 else 'recent failures'
    return service.destination, icon, about, str(service.failed), label, f'Of the last {_LAST_TRIES} calls'


def p95(values: Sequence[float]) -> float | None:
    """The value that 95 of 100 stay below; None without any."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(len(ranked) * 0.95))] if ranked else None


def _took(milliseconds: float | None) -> str:
    if milliseconds is None:
        return '–'
    if milliseconds >= 1000:
        return f'{milliseconds / 1000:.1f} s'
    return f'{milliseconds:.1f} ms' if milliseconds < 10 else f'{milliseconds:.0f} ms'


def _count(value: float | None) -> str:
    return '–' if value is None else f'{int(value):,}'


def _bars(looks: Sequence[Look]) -> list[list[Any]]:
    """Height in percent, tone and instant of each look; empty places first, so that the newest stands at the right end."""
    highest = max((look.value for look in looks), default=0) or 1
    drawn: list[list[Any]] = [
        [round(_LOWEST + (100 - _LOWEST) * min(1.0, look.value / highest)), STATES[look.state][1], ms(look.at)] for look in looks
    ]
    return [[_LOWEST, '', None]] * (KEPT - len(drawn)) + drawn


def _said(looks: Sequence[Look]) -> str:
    """The bars for those who cannot see them."""
    if not looks:
        return 'No checks yet'
    counted = {word: sum(look.state == state for look in looks) for state, (word, _) in STATES.items() if state}
    return f'Last {len(looks)} checks: ' + ', '.join(f'{count} {word.lower()}' for word, count in counted.items() if count)
