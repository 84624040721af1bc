"""Searching leads on both engines: what is found, in which order, by whom, and how the index follows the leads."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col

from domain.base.db import Database
from domain.base.scope import Scope
from domain.leads.models import Lead
from domain.search import rules
from domain.search.indexing import catch_up
from domain.search.messages import Found, Hit
from domain.search.queries import search, search_rows
from domain.tenancy.models import Location
from tests.domain.conftest import Desk
from tests.domain.rows import command, copy_of, facts_of, other_tenant, prepared

PEOPLE = {
    'Ada Lovelace': {'email': 'ada.lovelace@example.com', 'phone': '+1 (555) 014-2000', 'message': 'The rear door has a dent.'},
    'Zoë Núñez': {'email': 'zoe@mail.example.org', 'phone': '555 0142 199', 'message': 'Ceramic film for a Model Y, please.'},
    'Søren Ødegård': {'email': 'soren@example.com', 'message': 'Two vans need film, lovelace green.'},
    '山田 太郎': {'email': 'taro@example.jp', 'message': '東京タワーの近くです'},
    'Jürgen Weiß': {'phone': '0151 23456789', 'message': 'Straße 5, bitte "sehr schnell".'},
    "Conor O'Brien-Smith": {'email': 'conor+tint@example.com', 'message': 'price 2000 or so, film door'},
}


@pytest.fixture(scope='module')
def filled(
    migrated: Callable[[str], str], tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[str], Desk]:
    """One desk per engine with the people above, for tests that only ask."""
    made: dict[str, Desk] = {}

    def desk_of(kind: str) -> Desk:
        if kind not in made:
            template = migrated(kind)
            if kind == 'postgres':
                url = request.getfixturevalue('postgres').create(template=template)
            else:
                url = copy_of(template, tmp_path_factory.mktemp('search') / 'desk.sqlite3')
            db = Database(url)
            request.addfinalizer(db.close)
            tenant_id = prepared(db)
            made[kind] = Desk(db, tenant_id, facts_of(db, tenant_id))
            made[kind].capture(*(command(name=name, **fields) for name, fields in PEOPLE.items()))
            assert catch_up(db, tenant_id) == len(PEOPLE)
        return made[kind]

    return desk_of


def found(desk: Desk, text: str, **more: object) -> list[Hit]:
    with desk.db.reading() as session:
        return search(session, Scope(desk.tenant_id), text, **more)  # type: ignore[arg-type]  # limit is all there is


def names(desk: Desk, text: str) -> list[str]:
    return [hit.name for hit in found(desk, text)]


@pytest.mark.parametrize(
    ('asked', 'expected'),
    [
        ('ada', ['Ada Lovelace']),
        ('ADA LOVE', ['Ada Lovelace']),
        ('love ada', []),  # only the last word may go on
        ('lovelace', ['Ada Lovelace', 'Søren Ødegård']),  # the name first
        ('zoe', ['Zoë Núñez']),
        ('ZOË', ['Zoë Núñez']),
        ('nunez zo', ['Zoë Núñez']),
        ('soren odegard', ['Søren Ødegård']),
        ('weiss', ['Jürgen Weiß']),
        ('strasse', ['Jürgen Weiß']),
        ('山', ['山田 太郎']),
        ('太郎', ['山田 太郎']),
        ('東京タワー', ['山田 太郎']),
        ('京東', []),
        ('film', ["Conor O'Brien-Smith", 'Søren Ødegård', 'Zoë Núñez']),  # newest first
        ('film model', ['Zoë Núñez']),
        ('"model y"', ['Zoë Núñez']),
        ('"y model"', []),
        ('"rear do"', []),  # a phrase is what it is
        ('"rear door', ['Ada Lovelace']),
        ("o'brien", ["Conor O'Brien-Smith"]),
        ('brien-sm', ["Conor O'Brien-Smith"]),
        ('ada.lovelace@example.com', ['Ada Lovelace']),
        ('lovelace@example', ['Ada Lovelace']),
        ('mail.example.org', ['Zoë Núñez']),
        ('+tint@', ["Conor O'Brien-Smith"]),
        ('555 0142', ['Zoë Núñez', 'Ada Lovelace']),
        ('+1 (555) 014-2000', ['Ada Lovelace']),
        ('15550142000', ['Ada Lovelace']),
        ('014-2000', ['Ada Lovelace']),
        ('2000', ['Ada Lovelace', "Conor O'Brien-Smith"]),  # the last digits of a number, and a price
        ('0151/2345', ['Jürgen Weiß']),
        ('00151 2345', ['Jürgen Weiß']),
        ('56789', ['Jürgen Weiß']),
        ('ada 0142', ['Ada Lovelace']),
        ('door 2000', ["Conor O'Brien-Smith", 'Ada Lovelace']),
        ('nobody', []),
        ('', []),
        ('   ', []),
        ('"', []),
        ('%', []),
        ('" OR "', ["Conor O'Brien-Smith"]),  # a word like others
        ('ada OR zoe', []),
        ('a' * 5000, []),
    ],
)
def test_what_is_found(filled: Callable[[str], Desk], engine_kind: str, asked: str, expected: list[str]) -> None:
    assert names(filled(engine_kind), asked) == expected


def test_a_reference_finds_its_lead_before_all_others(filled: Callable[[str], Desk], engine_kind: str) -> None:
    desk = filled(engine_kind)
    [ada] = found(desk, 'ada')
    for text in (ada.reference, ada.reference.lower(), ada.reference[2:]):
        assert [(hit.name, hit.field) for hit in found(desk, text)] == [('Ada Lovelace', Found.REFERENCE)]
    assert 'Ada Lovelace' in names(desk, ada.reference[:8])


def test_what_was_found_is_marked(filled: Callable[[str], Desk], engine_kind: str) -> None:
    desk = filled(engine_kind)

    def told(text: str, place: int = 0) -> tuple[str, list[str], str, list[str]]:
        hit = found(desk, text)[place]
        return (
            hit.field,
            [hit.name[at:to] for at, to in hit.name_marks],
            hit.snippet,
            [hit.snippet[at:to] for at, to in hit.marks],
        )

    assert told('lov') == ('name', ['Lov'], '', [])
    assert told('nune') == ('name', ['Núñe'], '', [])
    assert told('rear den') == ('timeline', [], 'The rear door has a dent.', ['rear', 'den'])
    assert told('ada dent') == ('timeline', ['Ada'], 'The rear door has a dent.', ['dent'])
    assert told('0142000') == ('phone', [], '+1 (555) 014-2000', ['014-2000'])
    assert told('taro@') == ('email', [], 'taro@example.jp', ['taro'])
    assert told('strasse') == ('timeline', [], 'Straße 5, bitte "sehr schnell".', ['Straße'])


def test_long_texts_are_cut_around_the_first_mark() -> None:
    text = 'word ' * 60 + 'needle in the\nhay ' + 'stack ' * 60
    asked = rules.question('needle')
    snippet, marks = rules.excerpt(text, rules.spans(text, asked.phrases))
    assert snippet.startswith('…') and snippet.endswith('…') and len(snippet) < 140 and '\n' not in snippet
    assert [snippet[at:to] for at, to in marks] == ['needle']


def test_nobody_finds_what_is_not_theirs(desk: Desk) -> None:
    other = other_tenant(desk.db)
    desk.capture(command(name='Ada Mine', email='mine@example.com'))
    desk.capture(command(name='Ada Theirs', email='theirs@example.com', phone='+1 555 014 7777'), facts=facts_of(desk.db, other))
    with desk.db.transaction() as session:
        branch = Location(tenant_id=desk.tenant_id, slug='branch', name='Branch')
        session.add(branch)
        session.flush()
        branch_id = branch.id
    desk.capture(command(name='Ada Branch', email='branch@example.com'))
    with desk.db.transaction() as session:
        session.execute(sa.update(Lead).where(col(Lead.name) == 'Ada Branch').values(location_id=branch_id))
        home_id = session.execute(sa.select(col(Lead.location_id)).where(col(Lead.name) == 'Ada Mine')).scalar_one()
    for tenant_id in (desk.tenant_id, other):
        catch_up(desk.db, tenant_id)
    with desk.db.reading() as session:
        theirs = search(session, Scope(other), 'ada')[0]

        def seen(tenant_id: UUID, locations: set[UUID] | None, text: str) -> list[str]:
            scope = Scope(tenant_id, None if locations is None else frozenset(locations))
            hits = [hit.name for hit in search(session, scope, text)]
            assert len(search_rows(session, scope, text)) == len(hits)
            return hits

        assert seen(desk.tenant_id, None, 'ada') == ['Ada Branch', 'Ada Mine']
        assert seen(other, None, 'ada') == ['Ada Theirs']
        assert seen(desk.tenant_id, {branch_id}, 'ada') == ['Ada Branch']
        assert seen(desk.tenant_id, {home_id}, 'ada') == ['Ada Mine']
        assert seen(desk.tenant_id, set(), 'ada') == []
        for text in (theirs.reference, 'theirs@example.com', '555 014 7777', desk.tenant_id.hex, f'#{other.hex}', f'@{branch_id.hex}'):
            assert seen(desk.tenant_id, None, text) == []
        assert seen(desk.tenant_id, {home_id}, 'branch@example.com') == []


@pytest.mark.slow
def test_no_text_is_an_error(filled: Callable[[str], Desk], engine_kind: str) -> None:
    path = Path(os.environ.get('DATA_FIXTURES_DIR') or Path(__file__).resolve().parents[3] / 'shared' / 'data') / 'naughty-strings.json'
    if not path.exists():
        pytest.skip('NO NAUGHTY STRINGS: set DATA_FIXTURES_DIR to the folder of naughty-strings.json to run this test')
    desk = filled(engine_kind)
    asked = 0
    with desk.db.reading() as session:
        for text in _strings(json.loads(path.read_text(encoding='utf-8'))):
            for form in (text, f'ada {text}', f'"{text}'):
                assert len(search(session, Scope(desk.tenant_id), form)) <= len(PEOPLE)
                asked += 1
    assert asked > 300


def _strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in value.values() for text in _strings(each)]
    return [text for each in value for text in _strings(each)] if isinstance(value, list) else []
