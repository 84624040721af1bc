"""Carries one destination's deliveries out, row by row: claim, call, settle. Calls are made here, never inside a transaction."""

import json
import threading
import time
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
import structlog

from domain.base.db import Database
from domain.base.errors import Conflict, Refusal, Twin, Unavailable
from domain.base.events import Letter
from domain.base.failpoints import point
from domain.base.secrets import SecretBox
from domain.base.settings import Settings
from domain.outbox.leases import claim, dispatch, release
from domain.outbox.messages import Claim, Settled, Traits
from domain.outbox.models import Destination
from domain.outbox.rules import Outcome, letter, test_letter
from domain.outbox.settling import settle
from integrations.environment import complete
from integrations.errors import Misconfigured, Permanent, ProviderError, Throttled, Unknown
from integrations.gateways import Gateways
from integrations.ports import Client, Notifier
from integrations.registry import CHANNELS, build, stand_ins
from integrations.smtp import Smtp
from tasks.tell import tell, tell_ended

log = structlog.get_logger(__name__)

CAP = 'daily_cap'  # the field of a configuration that says how many messages may go out in 24 hours
SETTLE_AGAIN = 0.5  # seconds between attempts to write down how a call ended, or that there was none
LAST_ATTEMPTS = 3.0  # seconds a stopping worker goes on with them
ODD = 3  # failures of ours after which only the row is settled, and as many again after which it is left to its lease


class Carrier:
    """What the threads of a worker share: the wire, the keys and a name for the leases."""

    def __init__(self, settings: Settings, db: Database, box: SecretBox, http: Client | None, owner: str) -> None:
        self._settings = settings
        self._db = db
        self._box = box
        self._http = http and Gateways(http, stand_ins(settings))
        self._smtp = http and Smtp(
            deadline=settings.delivery_timeout_seconds, connect=settings.connect_timeout_seconds, allow=settings.outbound_allow
        )
        self._owner = owner
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._link = (settings.public_url or f'http://{settings.host}:{settings.port}').rstrip('/')
        self._notifiers: dict[UUID, tuple[str, Notifier]] = {}
        self._pause = threading.Event()  # never set: only waited for
        self.stopping = threading.Event()
        self.share = max(1, settings.worker_threads // 4)  # one destination never holds more than a quarter of the threads

    def carry(self, destination_id: UUID) -> int:
        """Send what is due for this destination; gives back how many calls were made. A lost database ends it: the rows are still there."""
        made = 0
        try:
            while not self.stopping.is_set():
                taken = self._take(destination_id)
                if taken is None:
                    break
                if isinstance(taken, Claim):
                    made += self._deliver(taken)
        except Refusal as trouble:  # the database is gone or busy; what is leased comes back when its lease is over
            log.warning('carry_interrupted', destination_id=str(destination_id), reason=trouble.code)
        return made

    def _take(self, destination_id: UUID) -> Claim | Settled | None:
        with self._db.transaction() as session:
            taken = claim(session, destination_id, self._owner, lease=self._lease, share=self.share, traits=self._traits_of)
            if isinstance(taken, Settled):
                tell_ended(session, taken)
        if isinstance(taken, Claim):
            point('C7')
        return taken

    def _traits(self, kind: str) -> Traits:
        """A kind that is gone is neither: its rows end as misconfigured."""
        make = CHANNELS[kind].make if kind in CHANNELS else None
        return Traits(self._settings.rate(kind), bool(getattr(make, 'costly', False)), bool(getattr(make, 'keyed', False)))

    def _traits_of(self, destination: Destination) -> Traits:
        """With the cap of this very destination, which stands in its configuration."""
        kind = self._traits(destination.kind)
        if CAP not in (CHANNELS[destination.kind].fields if destination.kind in CHANNELS else ()):
            return kind
        cap = json.loads(self._box.open(destination.config_sealed)).get(CAP, '')
        return replace(kind, cap=int(cap)) if cap else kind

    def _deliver(self, claimed: Claim) -> int:
        try:
            notifier = self._notifier(claimed)
        except Exception as trouble:  # whatever a config of another version may raise: nothing has been sent
            detail = f'{claimed.destination} cannot be used as it is set up: {trouble}'
            self._settle(claimed, Outcome(Misconfigured.name, detail))
            return 0
        try:
            written = self._letter(claimed)
        except Exception as trouble:
            log.exception('letter_failed', delivery_id=str(claimed.delivery_id))
            self._settle(claimed, Outcome(Permanent.name, f'The event cannot be put into words ({type(trouble).__name__}); see the log.'))
            return 0
        if not self._may_call(claimed):
            return 0
        outcome = self._call(notifier, claimed, written)
        point('C9')
        self._settle(claimed, outcome)
        return 1

    def _may_call(self, claimed: Claim) -> bool:
        """Note that the call begins. Where the database goes away meanwhile nothing was sent, and the row does not wait for its lease."""
        try:
            with self._db.transaction() as session:
                if not self.stopping.is_set():
                    return dispatch(session, claimed, self._lease)
                release(session, claimed)
        except Refusal as trouble:
            log.warning('dispatch_refused', delivery_id=str(claimed.delivery_id), reason=trouble.code)
            self._give_back(claimed)
        return False

    def _give_back(self, claimed: Claim) -> None:
        leased_until = time.monotonic() + self._lease.total_seconds()
        while not self.stopping.is_set() and time.monotonic() < leased_until:
            try:
                with self._db.transaction() as session:
                    release(session, claimed)
                return
            except Refusal:
                self._pause.wait(SETTLE_AGAIN)

    def _call(self, notifier: Notifier, claimed: Claim, written: Letter) -> Outcome:
        try:
            proof = notifier.send(written)
        except ProviderError as trouble:
            wait = trouble.retry_after if isinstance(trouble, Throttled) else 0.0
            return Outcome(trouble.name, trouble.detail, trouble.status, trouble.excerpt, retry_after=wait)
        except Exception as trouble:  # an adapter's own mistake must not take the row with it: nobody knows whether it was sent
            log.exception('adapter_failed', kind=claimed.kind, delivery_id=str(claimed.delivery_id))
            return Outcome(Unknown.name, f'The {claimed.kind} adapter failed with {type(trouble).__name__}; see the log.')
        return Outcome('sent', status=proof.status, excerpt=proof.excerpt, reference=proof.reference)

    def _letter(self, claimed: Claim) -> Letter:
        if claimed.event_id is None:
            return test_letter(claimed.provider_key, claimed.occurred_at, self._link)
        return letter(
            key=claimed.provider_key,
            event_id=str(claimed.event_id),
            event_type=claimed.event_type,
            occurred_at=claimed.occurred_at,
            payload=claimed.payload,
            link=f'{self._link}/leads/{claimed.lead_id}' if claimed.lead_id else self._link,
            possible_duplicate=claimed.uncertain,
            destination_id=claimed.destination_id,
        )

    def _notifier(self, claimed: Claim) -> Notifier:
        known = self._notifiers.get(claimed.destination_id)
        if known and known[0] == claimed.config_sealed:
            return known[1]
        config = json.loads(self._box.open(claimed.config_sealed))
        config, ours = complete(claimed.kind, config, self._settings)
        made = build(claimed.kind, config, self._http, trusted=claimed.from_environment or ours, smtp=self._smtp)
        self._notifiers[claimed.destination_id] = (claimed.config_sealed, made)
        return made

    def _settle(self, claimed: Claim, outcome: Outcome) -> None:
        """Write the end down; while the database is away, again and again: the fence says whether the row is still ours by then."""
        odd = hopeless = 0
        until = None
        while True:
            try:
                self._settle_once(claimed, outcome, only_the_row=odd >= ODD)
                return
            except (Unavailable, Twin) as trouble:
                log.warning('settle_waits', delivery_id=str(claimed.delivery_id), reason=trouble.code)
                odd += isinstance(trouble, Unavailable) and self._database_answers()
            except Exception as trouble:  # what cannot be told must not take the proof with it: a row without it is sent again
                odd, hopeless = odd + 1, hopeless + 1
                if not isinstance(trouble, Conflict):
                    log.exception('settle_failed', delivery_id=str(claimed.delivery_id))
            if self.stopping.is_set():
                until = until or time.monotonic() + LAST_ATTEMPTS
            if hopeless >= 2 * ODD or (until and time.monotonic() > until):
                log.error('settle_lost', delivery_id=str(claimed.delivery_id), outcome=outcome.kind)
                return
            self._pause.wait(SETTLE_AGAIN)

    def _database_answers(self) -> bool:
        try:
            with self._db.reading() as session:
                session.execute(sa.text('select 1'))
        except Refusal:
            return False
        return True

    def _settle_once(self, claimed: Claim, outcome: Outcome, *, only_the_row: bool) -> None:
        kind = self._traits(claimed.kind)
        with self._db.transaction() as session:
            settled = settle(session, claimed, outcome, costly=kind.costly, keyed=kind.keyed)
            if settled.mine and not only_the_row:
                tell(session, claimed, outcome, settled)
        if settled.mine:
            log.info('delivery_settled', delivery_id=str(claimed.delivery_id), state=settled.state, attempts=claimed.attempts)
        else:
            log.warning('settled_late', delivery_id=str(claimed.delivery_id), outcome=outcome.kind)
