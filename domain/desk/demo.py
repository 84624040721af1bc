"""Plays the sample week through the real actions, with the clock moved: nothing of it leaves the machine."""

import heapq
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count, islice
from typing import Any
from uuid import UUID

from sqlmodel import Session, select

from domain.alerts.actions import acknowledge, close_over
from domain.alerts.queries import open_alerts
from domain.base import clock
from domain.base.db import Database
from domain.base.errors import FieldError
from domain.base.scope import Scope, system
from domain.base.secrets import SecretBox
from domain.conversations.actions import called, note
from domain.conversations.replies import reply
from domain.desk import demo_words as words
from domain.desk import loss_check
from domain.desk.decisions import resolve
from domain.desk.demo_deliveries import Post, Tell
from domain.desk.demo_follow_ups import FollowUps
from domain.desk.demo_script import DAYS, Act, Visitor, visitors
from domain.desk.demo_settings import arrange
from domain.desk.demo_stage import Stage, has_samples, refreshed, set_stage
from domain.desk.merging import merge
from domain.intake import rules
from domain.intake.actions import quarantine, take
from domain.intake.desk import new_lead
from domain.intake.messages import Arrival, ChatbotLead, Contact, ContactMessage, PropertyInquiry
from domain.leads import actions as leads
from domain.leads.alarms import fire, next_alarm
from domain.leads.editing import edit
from domain.leads.messages import LeadEdit
from domain.leads.models import Stage as Sale
from domain.outbox.models import Delivery, State
from domain.outbox.replays import replay
from domain.search.actions import refill
from domain.tenancy.queries import first_tenant

AT_ONCE = 25  # steps of one transaction: a desk at work is not held up for longer
_MODELS: dict[str, type[Contact]] = {'chatbot': ChatbotLead, 'contact': ContactMessage, 'property': PropertyInquiry}
_BROWSER = {'user-agent': 'Mozilla/5.0 (sample data)'}

Step = Callable[[Session], None]


def load(db: Database, box: SecretBox, expire: timedelta, tell: Tell, *, most: int | None = None, days: int = DAYS) -> int:
    """Fill the first tenant's desk with the sample week; gives back how many people wrote, 0 when the week is there already.

    `tell` is what a worker does after each call; `most` takes only the latest so many people, `days` spreads them over more than a
    week. Moves this process's clock while it works, so nothing else may run in it. Raises Conflict for a desk with destinations of
    its own.
    """
    with db.reading() as session:
        tenant = first_tenant(session)
        assert tenant is not None  # start-up makes it
        if has_samples(session, Scope(tenant.id)):
            return 0
    before = clock.offset
    try:
        week = _Week(db, tenant.id, clock.now(), most, days)
        week.prepare(box, expire, tell)
        week.play()
    finally:
        clock.offset = before
    with db.transaction() as session:
        close_over(session, system(tenant.id))
        refill(session, system(tenant.id))
        token = loss_check.begin(session, system(tenant.id))
    if token:
        loss_check.run(db, Scope(tenant.id), token)
    return len(week.visitors)


class _Week:
    """The agenda: steps by time, each of which may add later ones."""

    def __init__(self, db: Database, tenant_id: UUID, now: datetime, most: int | None, days: int) -> None:
        self._db = db
        self._tenant_id = tenant_id
        self._now = now
        self._agenda: list[tuple[datetime, int, Step]] = []
        self._days = days
        self._order = count()
        self._leads: dict[int, UUID] = {}
        self._stage: Stage
        self._post: Post
        self._follow_ups: FollowUps
        self.visitors: list[Visitor] = visitors(now.astimezone(), days)[-most if most else 0 :]

    def prepare(self, box: SecretBox, expire: timedelta, tell: Tell) -> None:
        """Build the stage, a day before the first one writes."""
        clock.offset -= timedelta(days=self._days + 1)
        with self._db.transaction() as session:
            self._stage = set_stage(session, system(self._tenant_id), box, box.sign, expire)
            lines = arrange(session, self._stage)
            self._stage = refreshed(session, self._stage, box.sign, expire)
        flaws: dict[UUID, str] = {}
        self._post = Post(self._stage, flaws, tell, self._now)
        for number, visitor in enumerate(self.visitors):
            self._at(visitor.at, self._arrival(number, visitor))
        self._follow_ups = FollowUps(self._stage, lines, self._at, self._deliver, self._now)
        self._follow_ups.plan(self.visitors, self._leads)
        self._specials()

    def play(self) -> None:
        """Do everything in the order of time."""
        while self._agenda:
            with self._db.transaction() as session:
                for _ in islice(iter(lambda: bool(self._agenda), False), AT_ONCE):
                    at, _, step = heapq.heappop(self._agenda)
                    self._alarms(session, at)
                    clock.offset += max(timedelta(0), at - clock.now())
                    step(session)
                    session.flush()
        with self._db.transaction() as session:
            self._alarms(session, self._now)

    def _alarms(self, session: Session, until: datetime) -> None:
        """What the clocks of the leads say until then, each at its moment."""
        while (due := next_alarm(session)) is not None and due < until:
            clock.offset += max(timedelta(0), due - clock.now())
            fire(session, due, due)
            session.flush()

    def _at(self, moment: datetime, step: Step) -> None:
        if moment < self._now:
            heapq.heappush(self._agenda, (moment, next(self._order), step))

    def _deliver(self, session: Session) -> None:
        again = self._post.carry(session)
        if again is not None:
            self._at(again + timedelta(milliseconds=50), self._deliver)

    def _arrival(self, number: int, visitor: Visitor) -> Step:
        def come(session: Session) -> None:
            lead_id = self._take(session, visitor.place, visitor.route, visitor.body)
            self._leads[number] = lead_id
            self._post.flaws[lead_id] = visitor.flaw
            self._follow_ups.arrived(session, visitor.place, lead_id)
            for act in visitor.acts:
                self._at(visitor.at + timedelta(seconds=act.after), self._act(lead_id, visitor, act))
            if visitor.flaw == 'dead, sent again':
                self._at(visitor.at + timedelta(minutes=50), self._mended(lead_id, again=True))
            if visitor.flaw == 'dead, resolved':
                self._at(visitor.at + timedelta(hours=2), self._mended(lead_id, again=False))

        return come

    def _take(self, session: Session, place: int, route: str, body: dict[str, Any]) -> UUID:
        """Hand it in as the routes do; its messages go out a moment later."""
        facts = self._stage.facts[place]
        form: Contact = _MODELS[route].model_validate(body) if route in _MODELS else new_lead(body)
        arrival = Arrival(json.dumps(body).encode(), 'application/json', dict(_BROWSER))
        captured = take(session, facts.actor(), rules.submission(form, arrival, form.route, facts.region), facts)
        assert captured.lead_id is not None  # nothing of the week has an Idempotency-Key
        self._at(clock.now() + timedelta(seconds=1), self._deliver)
        return captured.lead_id

    def _act(self, lead_id: UUID, visitor: Visitor, act: Act) -> Step:
        def do(session: Session) -> None:
            who = self._stage.people[act.who]
            match act.what:
                case 'assign':
                    leads.assign(session, who, [lead_id], who.id)
                    leads.mark_read(session, who, lead_id)
                case 'reply':
                    reply(session, who, lead_id, act.text)
                    self._at(clock.now() + timedelta(seconds=2), self._deliver)
                case 'called':
                    called(session, who, lead_id, reached=True)
                case 'note':
                    note(session, who, lead_id, act.text)
                case 'again':
                    same = {name: visitor.body[name] for name in ('name', 'email')}
                    self._take(session, visitor.place, 'contact', same | {'message': act.text})
                case 'snooze':
                    leads.snooze(session, who, [lead_id], self._now + timedelta(hours=17 + act.who * 24))
                case 'won':
                    leads.close(session, who, [lead_id], stage=Sale.WON)
                case 'lost':
                    leads.close(session, who, [lead_id], stage=Sale.LOST, lost_reason=act.text)
                case 'tag':
                    edit(session, who, lead_id, LeadEdit(tags=[act.text]))
                case 'stage':
                    edit(session, who, lead_id, LeadEdit(stage=Sale(act.text)))

        return do

    def _mended(self, lead_id: UUID, *, again: bool) -> Step:
        """Somebody deals with the dead letter of this lead."""

        def do(session: Session) -> None:
            dead = session.exec(select(Delivery.id).where(Delivery.lead_id == lead_id, Delivery.state == State.DEAD)).all()
            for delivery_id in dead:
                self._post.flaws[lead_id] = ''
                if again:
                    replay(session, self._stage.people[3], delivery_id)
                else:
                    resolve(session, self._stage.people[1], [delivery_id])
            self._deliver(session)
            close_over(session, self._stage.actor)

        return do

    def _specials(self) -> None:
        """What does not happen to everybody: twins, a person who is two leads, unreadable submissions, an alert somebody has seen."""
        for number, (route, body, where, why) in enumerate(words.BROKEN):
            self._at(self._now - timedelta(hours=(28, 6, 0.8)[number]), self._broken(route, body, where, why))
        self._at(self._now - timedelta(hours=27), self._seen)
        for part in (0.2, 0.5, 0.8):
            twin = self.visitors[int(len(self.visitors) * part)]
            self._at(twin.at + timedelta(minutes=2), self._twin(twin))
        self._at(self._now - timedelta(hours=20), self._merged)
        self._at(self._now - timedelta(hours=5), self._two_in_one)

    def _broken(self, route: str, body: dict[str, Any], where: str, why: str) -> Step:
        def come(session: Session) -> None:
            arrival = Arrival(json.dumps(body).encode(), 'application/json', dict(_BROWSER))
            quarantine(session, self._stage.facts[0], arrival, route, [FieldError(where, why)])

        return come

    def _seen(self, session: Session) -> None:
        for alert in open_alerts(session, self._stage.actor.scope):
            if alert.key == 'quarantine':
                acknowledge(session, self._stage.people[1], alert.id)

    def _twin(self, visitor: Visitor) -> Step:
        def come(session: Session) -> None:
            self._take(session, visitor.place, visitor.route, visitor.body)

        return come

    def _merged(self, session: Session) -> None:
        """A customer who called as well as wrote: Dev makes one lead of the two."""
        number = next(n for n, lead_id in reversed(self._leads.items()) if 'phone' not in self.visitors[n].body)
        body = {
            'name': self.visitors[number].body['name'],
            'phone': '+1 630 555 0190',
            'way': 'phone',
            'message': 'Called about the same car.',
        }
        other = self._take(session, self.visitors[number].place, 'phone', body)
        merge(session, self._stage.people[1], self._leads[number], other)

    def _two_in_one(self, session: Session) -> None:
        """One submission with the address of one lead and the number of another: nobody but a person can tell."""
        known = sorted(self._leads)
        one = next(n for n in reversed(known) if 'phone' not in self.visitors[n].body)
        two = next(n for n in reversed(known) if 'phone' in self.visitors[n].body and n < one)
        body = {
            'name': self.visitors[one].body['name'],
            'email': self.visitors[one].body['email'],
            'phone': self.visitors[two].body['phone'],
            'message': 'Please use this number, my husband picks up.',
        }
        self._take(session, self.visitors[one].place, 'contact', body)
