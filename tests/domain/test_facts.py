"""The snapshots behind credentials: read once, never old."""

import threading
from datetime import timedelta

import pytest

from domain.base.doorbell import Doorbell, Ring
from domain.base.errors import NotSignedIn
from domain.intake.facts import Facts, FactsBook, Subscriber
from tests.domain.conftest import Desk


class Source:
    """Gives the facts until the key is revoked."""

    def __init__(self, facts: Facts) -> None:
        self.facts: Facts | None = facts
        self.reads = 0

    def __call__(self, key: str | None, kind: str) -> Facts | None:
        self.reads += 1
        return self.facts


def test_a_revoked_key_is_refused_though_it_is_asked_all_the_time(desk: Desk) -> None:
    """As where another process revoked it on SQLite: no ring names it, only its age ends it."""
    source = Source(desk.facts)
    book = FactsBook(source, Doorbell(), timedelta(hours=1), fresh=0.1)
    book.load('k', 'api')
    source.facts = None
    pause, refused = threading.Event(), False
    for _ in range(20):
        pause.wait(0.02)
        try:
            book.load('k', 'api')
        except NotSignedIn:
            refused = True
            break
    assert refused and book.known('k', 'api') is None


def test_a_ring_ends_a_snapshot_at_once(desk: Desk) -> None:
    source, bell = Source(desk.facts), Doorbell()
    book = FactsBook(source, bell, timedelta(hours=1))
    for topic, reads in (('lead', 1), ('anything', 1), ('access', 2), ('facts', 3)):
        book.load('k', 'api')
        bell.ring(Ring(topic))
        book.load('k', 'api')
        assert source.reads == reads, topic


def test_kinds_are_kept_apart_and_nobody_is_remembered(desk: Desk) -> None:
    source = Source(desk.facts)
    book = FactsBook(source, Doorbell(), timedelta(hours=1))
    book.load('k', 'api')
    assert book.known('k', 'widget') is None and book.known(None, 'none') is None
    source.facts = None
    with pytest.raises(NotSignedIn, match='widget key'):
        book.load('other', 'widget')
    assert book.known('other', 'widget') is None


def test_wrong_keys_do_not_fill_the_memory(desk: Desk) -> None:
    book = FactsBook(Source(desk.facts), Doorbell(), timedelta(hours=1))
    for number in range(book.LIMIT + 10):
        book.load(str(number), 'api')
    assert len(book._book) <= book.LIMIT


@pytest.mark.parametrize(
    ('least', 'places', 'quality', 'heard'),
    [
        (None, (), 'cold', True),
        ('warm', (), 'cold', False),
        ('warm', (), 'hot', True),
        ('hot', (), 'hot', True),
        (None, ('elsewhere',), 'hot', False),
    ],
)
def test_who_hears_of_a_lead(desk: Desk, least: str | None, places: tuple[str, ...], quality: str, heard: bool) -> None:
    subscriber = Subscriber(desk.tenant_id, 'x', frozenset({'lead.created'}), least, frozenset(places))
    assert subscriber.hears('lead.created', quality, desk.facts.place.id) is heard
    assert not subscriber.hears('lead.assigned', quality, desk.facts.place.id)
