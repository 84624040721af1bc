"""What a key must be made of before it is made."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from domain.access import keys
from domain.access.models import WidgetKey
from domain.base import clock
from domain.base.errors import Invalid, NotFound
from domain.base.scope import system
from tests.domain.conftest import Desk
from tests.domain.rows import table


def made(desk: Desk, origins: list[str]) -> tuple[WidgetKey, str]:
    with desk.db.transaction() as session:
        return keys.create_widget_key(session, system(desk.tenant_id), 'site', origins)


@pytest.mark.parametrize(
    ('origins', 'kept'),
    [
        (['https://Shop.Example/'], ['https://shop.example']),
        (['http://localhost:3000', 'https://a.example'], ['http://localhost:3000', 'https://a.example']),
        (['shop.example'], None),
        (['https://shop.example/contact'], None),
        (['https://user@shop.example'], None),
        (['javascript:alert(1)'], None),
        (['https://shop.example:99999'], None),
        (['*'], None),
        ([], None),
    ],
    ids=str,
)
def test_widget_keys_name_origins_as_browsers_write_them(desk: Desk, origins: list[str], kept: list[str] | None) -> None:
    if kept is None:
        with pytest.raises(Invalid) as refused:
            made(desk, origins)
        assert refused.value.errors[0].field == 'origins'
    else:
        assert made(desk, origins)[0].origins == kept


def test_keys_are_checked_before_they_are_made(desk: Desk) -> None:
    actor = system(desk.tenant_id)
    with desk.db.transaction() as session:
        made, _ = keys.create_key(session, actor, ' Forms ', ['intake'], rate_limit='60/minute', expires_at=clock.now() + timedelta(days=1))
    assert (made.name, made.rate_limit) == ('Forms', '60/minute')
    wrong: list[tuple[str, dict[str, Any]]] = [
        ('name', {'name': ' '}),
        ('scopes', {'scopes': []}),
        ('scopes', {'scopes': ['root']}),
        ('rate_limit', {'rate_limit': 'often'}),
        ('expires_at', {'expires_at': clock.now() - timedelta(seconds=1)}),
    ]
    for field, more in wrong:
        with pytest.raises(Invalid) as refused, desk.db.transaction() as session:
            keys.create_key(session, actor, **({'name': 'x', 'scopes': ['leads']} | more))
        assert refused.value.errors[0].field == field
    with pytest.raises(NotFound), desk.db.transaction() as session:
        keys.create_key(session, actor, 'x', ['leads'], location_id=uuid4())
    assert len(table(desk.db, 'api_keys')) == 1
