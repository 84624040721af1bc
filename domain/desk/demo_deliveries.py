"""How the messages of the sample week fare: claimed and settled like real ones, with answers by the script instead of calls."""

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from domain.base import clock
from domain.desk.demo_stage import BOOKING, CRM, RIVERSIDE, TEXTS, Stage
from domain.outbox.leases import claim, dispatch
from domain.outbox.messages import Claim, Settled, Traits
from domain.outbox.models import Delivery, Destination, State
from domain.outbox.queries import OPEN_ROW
from domain.outbox.rules import Outcome
from domain.outbox.settling import settle

Tell = Callable[[Session, Claim, Outcome, Settled], None]

LEASE = timedelta(seconds=60)
_REST = timedelta(seconds=20)  # a destination that is left alone for a while is asked again after this
_ANY = 1000  # calls under way: the week is played by one hand
_CRM_LOCKED = timedelta(hours=26)  # since when the sample CRM refuses

_SENT = Outcome('sent', status=200, excerpt='ok')
_DEAD = Outcome(
    'permanent', 'Slack answered 400: channel_is_archived. Unarchive the channel or choose another one.', 400, 'channel_is_archived'
)
_LOCKED = Outcome('misconfigured', 'The receiver answered 401: the signing secret was changed there. Replace it, then resume.', 401)
_BUSY = Outcome('temporary', 'The receiver answered 500: calendar not available.', 500, '{"error":"calendar not available"}')
_DOUBT = Outcome('unknown', 'The connection was lost after the request had gone out.')


class Post:
    """The destinations of the stage; `flaws` says which leads' messages meet with trouble."""

    def __init__(self, stage: Stage, flaws: dict[UUID, str], tell: Tell, now: datetime) -> None:
        self.flaws = flaws
        self._names = {id_: name for name, id_ in stage.destinations.items()}
        self._tell = tell
        self._now = now

    def carry(self, session: Session) -> datetime | None:
        """Do what is due at this moment; gives back when there is something to do again."""
        moment = clock.now()
        for destination_id in [place for place, at in self._waiting(session) if at <= moment]:
            if self._names[destination_id] == TEXTS:
                self._skip(session, destination_id)
            taken = claim(session, destination_id, 'sample', lease=LEASE, share=_ANY, traits=self._traits(destination_id))
            if isinstance(taken, Claim):
                self._call(session, taken)
        again = min((at for _, at in self._waiting(session)), default=None)
        return max(again, clock.now() + _REST) if again else None

    def _waiting(self, session: Session) -> list[tuple[UUID, datetime]]:
        """Every delivery that waits for its time, by its destination; what waits for a paused one waits for a person."""
        query = (
            select(Delivery.destination_id, Delivery.next_at)
            .join(Destination, col(Destination.id) == col(Delivery.destination_id))
            .where(OPEN_ROW, col(Delivery.destination_id).in_(self._names), col(Destination.paused_at).is_(None))
        )
        return [(place, at) for place, at in session.exec(query)]

    def _traits(self, destination_id: UUID) -> Callable[[Destination], Traits]:
        costly = self._names[destination_id] == TEXTS
        return lambda _: Traits(rate=1e6, costly=costly)

    def _call(self, session: Session, taken: Claim) -> None:
        session.flush()
        dispatch(session, taken, LEASE)
        outcome = self._answer(taken)
        settled = settle(session, taken, outcome, costly=self._names[taken.destination_id] == TEXTS, keyed=False)
        self._tell(session, taken, outcome, settled)

    def _answer(self, taken: Claim) -> Outcome:
        flaw = self.flaws.get(taken.lead_id, '') if taken.lead_id else ''
        match self._names[taken.destination_id]:
            case name if name == RIVERSIDE and flaw.startswith('dead'):
                return _DEAD
            case name if name == BOOKING and flaw == 'retrying':
                return _BUSY
            case name if name == TEXTS and flaw == 'doubtful':
                return _DOUBT
            case name if name == CRM and self._now - clock.now() < _CRM_LOCKED:
                return _LOCKED
        return _SENT

    def _skip(self, session: Session, destination_id: UUID) -> None:
        """In its first day the shop had text messages switched off."""
        query = select(Delivery).where(col(Delivery.destination_id) == destination_id, Delivery.state == State.PENDING)
        for row in session.exec(query):
            if row.lead_id and self.flaws.get(row.lead_id) == 'skipped':
                row.state, row.settled_at = State.SKIPPED, clock.now()
                row.last_class, row.last_error = 'skipped', 'Text messages were switched off: feature_sms_enabled.'
                session.add(row)
        session.flush()
