"""What capture must know before it can keep a lead: a snapshot per credential, never older than five seconds."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from domain.base.doorbell import Doorbell, Ring
from domain.base.errors import NotSignedIn
from domain.base.scope import Actor, ActorType, Scope
from domain.leads.models import Quality
from domain.sla.rules import Terms, due_at, warn_at
from domain.tenancy.calendars import Calendar

FRESH = 5.0  # seconds: how long a revoked key or changed subscription may go on being used where no ring is heard
_RANK = {Quality.HOT: 0, Quality.WARM: 1, Quality.COLD: 2}


@dataclass(frozen=True, slots=True)
class Credential:
    """Who hands a lead in. `name` is what receipts and idempotency are scoped by."""

    name: str  # 'api:<id>', 'widget:<id>', 'desk:<user id>' or 'none'
    kind: str  # api, widget, desk, none
    id: UUID | None = None
    label: str = ''
    scopes: frozenset[str] = frozenset()
    origins: tuple[str, ...] = ()
    rate_limit: str | None = None
    expires_at: datetime | None = None

    @property
    def trusted(self) -> bool:
        """May be told whether a person is known."""
        return self.kind in ('api', 'desk')


@dataclass(frozen=True, slots=True)
class Place:
    """The location a lead falls to."""

    id: UUID
    name: str
    time_zone: str


@dataclass(frozen=True, slots=True)
class Subscriber:
    """A destination as fan-out sees it."""

    id: UUID
    name: str
    events: frozenset[str]
    least_quality: str | None
    location_ids: frozenset[str]

    def hears(self, event_type: str, quality: str | None, location_id: UUID | None) -> bool:
        """Whether this event is for it."""
        if event_type not in self.events:
            return False
        if self.least_quality and quality and _RANK[Quality(quality)] > _RANK[Quality(self.least_quality)]:
            return False
        return not self.location_ids or location_id is None or location_id.hex in self.location_ids


@dataclass(frozen=True, slots=True)
class FormFacts:
    """A form a tenant defined."""

    slug: str
    fields: Mapping[str, str]
    thanks_url: str | None


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything `record()` needs beside the submission and the time."""

    tenant_id: UUID
    tenant_slug: str
    tenant_name: str
    region: str
    credential: Credential
    place: Place
    terms: Mapping[str, Terms]  # by quality
    subscribers: tuple[Subscriber, ...]
    forms: Mapping[str, FormFacts]
    sign: Callable[[str], str]
    expire: timedelta
    calendar: Calendar | None = None  # of the place; None: it has no hours, and is always open
    queue: str | None = None  # where a lead waits for an owner; None: assignment is switched off
    bound: bool = False  # the credential is for this place only
    heard_by: dict[tuple[str, str], tuple[Subscriber, ...]] = field(default_factory=dict)

    def listeners(self, event_type: str, quality: str) -> tuple[Subscriber, ...]:
        """The destinations that hear of such an event of this place; remembered, for the hot path."""
        known = self.heard_by.get((event_type, quality))
        if known is None:
            known = tuple(s for s in self.subscribers if s.hears(event_type, quality, self.place.id))
            self.heard_by[event_type, quality] = known
        return known

    def due(self, quality: str, moment: datetime) -> tuple[datetime, datetime]:
        """When a lead of this quality that came at `moment` must have its first reply, and when that is warned of."""
        terms = self.terms[quality]
        calendar = terms.calendar(self.calendar)
        return due_at(moment, terms.first_reply, calendar), warn_at(moment, terms.first_reply, terms, calendar)

    def actor(self) -> Actor:
        """The credential as somebody who acts."""
        scopes = self.credential.scopes | {'leads:capture'}
        return Actor(Scope(self.tenant_id), ActorType.CUSTOMER, self.credential.id, self.credential.label, None, scopes)


Loader = Callable[[str | None, str], Facts | None]  # key or None, 'api' | 'widget' | 'none'


class FactsBook:
    """The snapshots of this process. Looking one up costs a dictionary; loading one is ordinary reads in the caller's thread."""

    LIMIT = 10_000  # wrong keys must not grow the book without end

    def __init__(self, load: Loader, bell: Doorbell, expire: timedelta, *, fresh: float = FRESH) -> None:
        """`fresh` in seconds: how old a snapshot may be."""
        self._fresh = fresh
        self.expire = expire
        self._load = load
        self._book: dict[tuple[str, str], tuple[float, Facts]] = {}
        self._lock = threading.Lock()
        bell.hear(self._heard)

    def known(self, key: str | None, kind: str) -> Facts | None:
        """The snapshot, if there is a fresh one."""
        held = self._book.get((kind, key or ''))
        return held[1] if held and time.monotonic() - held[0] < self._fresh else None

    def load(self, key: str | None, kind: str) -> Facts:
        """The snapshot, read if need be; raises NotSignedIn for a key that is unknown, revoked or expired, Unavailable without database."""
        fresh = self.known(key, kind)
        if fresh is not None:
            return fresh  # not put back: its age counts from the reading
        facts = self._load(key, kind)
        if facts is None:
            what = {'api': 'API key', 'widget': 'widget key', 'none': 'credential'}[kind]
            raise NotSignedIn(
                'No key was sent: send `Authorization: Bearer lk_…` or `X-Widget-Key`.'
                if kind == 'none'
                else f'This {what} is unknown, revoked or expired.'
            )
        with self._lock:
            if len(self._book) >= self.LIMIT:
                self._book.clear()
            self._book[kind, key or ''] = (time.monotonic(), facts)
        return facts

    def drop(self) -> None:
        """Forget all: the next look-up reads."""
        with self._lock:
            self._book.clear()

    def _heard(self, ring: Ring) -> None:
        if ring.topic in ('facts', 'access'):
            self.drop()
