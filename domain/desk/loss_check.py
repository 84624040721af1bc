"""The loss check as people run it: in slices, with progress that anybody sees, and a result that outlives the process."""

import json
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.alerts.actions import close_alert, raise_alert
from domain.alerts.models import Heartbeat, Severity
from domain.base.clock import now
from domain.base.db import Database, ring
from domain.base.errors import Refusal
from domain.base.scope import Actor, Scope, system
from domain.desk.ledger import PARTS, Ledger

log = structlog.get_logger(__name__)

SLICE = 5000  # rows of one reading: short enough for a page to be read in between
TOLD = 0.25  # seconds between two notes of progress
STALE = timedelta(seconds=60)  # a run that was silent for so long has died with its process
NAMED = 50  # losses written out in full
ALERT = 'loss'


@dataclass(frozen=True, slots=True)
class Running:
    """A check that runs: since when, by whom, how far in percent, and what it looks at; `stopped` when its process died."""

    percent: int
    part: str
    by: str
    started_at: datetime
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class Result:
    """How the last check ended: counts, and what is missing, by receipt, event and lead id (the first fifty)."""

    at: datetime
    by: str
    receipts: int
    events: int
    deliveries: int
    missing: int
    lost: tuple[dict[str, str], ...]
    seconds: float

    @property
    def good(self) -> bool:
        return self.missing == 0


def begin(session: Session, actor: Actor) -> str | None:
    """Order a check; gives back the token `run` needs, or None when one is running already."""
    require(actor, Permission.HEALTH_READ)
    row = _row(session, _run_name(actor.scope), lock=True)
    if row is not None and now() - row.at < STALE:
        return None
    row = row or Heartbeat(name=_run_name(actor.scope), state='running')
    token = uuid4().hex
    row.at, row.value = now(), 0.0
    row.detail = json.dumps({'token': token, 'by': actor.name, 'part': PARTS[0].name, 'started': row.at.isoformat()})
    session.add(row)
    ring(session, 'health', actor.tenant_id)
    return token


def run(db: Database, scope: Scope, token: str, *, size: int = SLICE) -> None:
    """Carry the check out, in the caller's thread; ends early when another order took over, or the database is gone."""
    try:
        _run(db, scope, token, size)
    except Refusal as trouble:
        log.warning('loss_check_stopped', reason=trouble.code)


def running(session: Session, scope: Scope) -> Running | None:
    """The check that runs, if there is one."""
    row = _row(session, _run_name(scope))
    if row is None:
        return None
    said = json.loads(row.detail)
    return Running(int(row.value), said['part'], said['by'], datetime.fromisoformat(said['started']), now() - row.at >= STALE)


def last(session: Session, scope: Scope) -> Result | None:
    """How the last finished check ended; None before the first one."""
    row = _row(session, _result_name(scope))
    if row is None:
        return None
    said = json.loads(row.detail)
    return Result(row.at, lost=tuple(said.pop('lost')), missing=int(row.value), **said)


def _run(db: Database, scope: Scope, token: str, size: int) -> None:
    ledger, started, told = Ledger(), time.monotonic(), 0.0
    with db.reading() as session:
        total = sum(part.count(session, scope) for part in PARTS) or 1
    seen = 0
    for part in PARTS:
        after: UUID | None = None
        while True:
            with db.reading() as session:
                after = part.slice(session, scope, after, size, ledger)
            seen += size
            if time.monotonic() - told >= TOLD:
                told = time.monotonic()
                if not _note(db, scope, token, min(99, 100 * seen // total), part.name):
                    return
            if after is None:
                break
    _finish(db, scope, token, ledger, time.monotonic() - started)


def _note(db: Database, scope: Scope, token: str, percent: int, part: str) -> bool:
    """Write down how far it is; False when the order is no longer ours."""
    with db.transaction() as session:
        row = _mine(session, scope, token)
        if row is None:
            return False
        row.at, row.value, row.detail = now(), percent, json.dumps({**json.loads(row.detail), 'part': part})
        session.add(row)
        ring(session, 'health', scope.tenant_id)
    return True


def _finish(db: Database, scope: Scope, token: str, ledger: Ledger, seconds: float) -> None:
    with db.transaction() as session:
        row = _mine(session, scope, token)
        if row is None:
            return
        result: dict[str, Any] = {
            'by': json.loads(row.detail)['by'],
            'receipts': sum(ledger.receipts.values()),
            'events': ledger.events,
            'deliveries': ledger.deliveries,
            'lost': ledger.lost[:NAMED],
            'seconds': round(seconds, 2),
        }
        session.delete(row)
        kept = _row(session, _result_name(scope)) or Heartbeat(name=_result_name(scope), state='ok')
        kept.at, kept.value, kept.state = now(), len(ledger.lost), 'ok' if ledger.good else 'lost'
        kept.detail = json.dumps(result)
        session.add(kept)
        _alert(session, scope, ledger)
        ring(session, 'health', scope.tenant_id)
    log.info('loss_check', receipts=result['receipts'], lost=len(ledger.lost))


def _alert(session: Session, scope: Scope, ledger: Ledger) -> None:
    actor = system(scope.tenant_id)
    if ledger.good:
        close_alert(session, actor, ALERT)
        return
    missing = len(ledger.lost)
    title = f'The loss check misses {missing} {"row" if missing == 1 else "rows"}'
    detail = f'The first one: {ledger.lost[0]["what"]}. The list with ids is under System health; restore them from a backup.'
    raise_alert(session, actor, ALERT, title, detail, severity=Severity.CRITICAL)


def _mine(session: Session, scope: Scope, token: str) -> Heartbeat | None:
    row = _row(session, _run_name(scope), lock=True)
    return row if row is not None and json.loads(row.detail)['token'] == token else None


def _row(session: Session, name: str, *, lock: bool = False) -> Heartbeat | None:
    query = select(Heartbeat).where(Heartbeat.name == name).order_by(col(Heartbeat.at).desc()).limit(1)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    return session.exec(query).first()


def _run_name(scope: Scope) -> str:
    return f'loss-run:{scope.tenant_id.hex}'


def _result_name(scope: Scope) -> str:
    return f'loss:{scope.tenant_id.hex}'
