"""Sample leads for looking around: an invented tint shop's morning, put in through the same path as real ones."""

import json
from typing import Any

from sqlmodel import Session, select

from domain.base.events import DEFAULT_SUBSCRIPTION
from domain.base.scope import Actor
from domain.base.secrets import SecretBox
from domain.intake import rules
from domain.intake.actions import take
from domain.intake.facts import Facts
from domain.intake.messages import Arrival, ChatbotLead, ContactMessage
from domain.leads.models import Lead
from domain.outbox.actions import add_destination
from domain.outbox.messages import DestinationOrder

_CHATS: tuple[dict[str, Any], ...] = (
    {
        'name': 'Tomasz Wilk',
        'email': 'tomasz.wilk@example.com',
        'phone': '+1 555 014 2011',
        'message': 'Two vans for the shop, need a fleet price today',
        'intent': 'quote',
        'service': 'Fleet tint',
    },
    {
        'name': 'Priya Raman',
        'email': 'priya.r@example.com',
        'phone': '+1 555 014 2012',
        'message': 'Can you do ceramic tint on a Model Y before Friday? Just the rear five windows, the front is already done.',
        'intent': 'book',
        'vehicle': {'year': 2024, 'make': 'Tesla', 'model': 'Model Y'},
        'metadata': {'utmCampaign': 'fall-ceramic', 'landingPage': '/services/ev-tint', 'device': 'iPhone, Safari'},
    },
    {
        'name': 'Grace Adeyemi',
        'email': 'grace.a@example.com',
        'message': 'Do you have payment plans for paint protection film?',
        'budget': '$2,400',
    },
    {'name': 'Noah Lindqvist', 'phone': '+1 555 014 2014', 'message': 'Is the premium package legal for front windows?'},
    {
        'name': 'Omar Haddad',
        'email': 'omar@example.com',
        'phone': '+1 555 014 2016',
        'message': 'What does a full SUV cost, and when is the next free day?',
    },
)
_FORMS: tuple[dict[str, Any], ...] = (
    {'name': 'Mei-Ling Chou', 'email': 'meiling.chou@example.com', 'subject': 'Prices', 'message': 'Just comparing prices for next spring'},
    {'name': 'Elena Petrova', 'email': 'elena.p@example.com', 'subject': 'Rear glass', 'message': 'Where can I send the photos?'},
    {'name': 'Samuel Okoro', 'phone': '+1 555 014 2018', 'subject': 'Sedan', 'message': 'How much is the Supreme package for a sedan?'},
    {
        'name': 'Hannah Weiss',
        'email': 'h.weiss@example.com',
        'subject': 'Office windows',
        'message': 'Twelve panes, south side, it gets hot. Could you visit this week?',
    },
)


def load_demo(session: Session, actor: Actor, facts: Facts) -> int:
    """Put the samples in, in the caller's transaction; gives back how many. A desk that has a lead already is left alone."""
    if session.exec(select(Lead.id).where(Lead.tenant_id == actor.tenant_id).limit(1)).first():
        return 0
    bodies = [(ChatbotLead.model_validate(chat), 'chatbot') for chat in _CHATS] + [
        (ContactMessage.model_validate(f), 'contact') for f in _FORMS
    ]
    for body, route in bodies:
        raw = json.dumps(body.model_dump(by_alias=True, exclude_defaults=True)).encode()
        take(session, actor, rules.submission(body, Arrival(raw, 'application/json'), route, facts.region), facts)
    return len(bodies)


def add_demo_destination(session: Session, actor: Actor, box: SecretBox) -> None:
    """A Slack channel that exists only here, so that deliveries can be seen without an account anywhere."""
    config = {'url': 'simulated:slack'}
    add_destination(
        session, actor, DestinationOrder(kind='slack', name='Slack (sample)', config=config, events=list(DEFAULT_SUBSCRIPTION)), box
    )
