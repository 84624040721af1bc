"""What a person sets for themselves."""

import pytest

from domain.access.preferences import preferences, set_preference
from domain.access.queries import actor_of
from domain.base.db import Database
from domain.base.errors import Forbidden, Invalid
from domain.base.scope import Role, Scope, system
from tests.domain.rows import other_tenant, prepared
from tests.people import account


def test_a_preference_is_the_persons_own(db: Database) -> None:
    tenant_id, other = prepared(db), other_tenant(db)
    with db.transaction() as session:
        ines, dev = (
            actor_of(account(session, system(tenant_id), f'{name}@example.com', name, 'a small grey lighthouse', Role.READ_ONLY))
            for name in ('ines', 'dev')
        )
    with db.transaction() as session:
        set_preference(session, ines, 'shortcuts', False)
        for name, value in (('shortcuts', 'no'), ('shortcuts', None), ('role', 'owner')):
            with pytest.raises(Invalid):
                set_preference(session, ines, name, value)
        with pytest.raises(Forbidden):
            set_preference(session, system(tenant_id), 'shortcuts', False)
    with db.reading() as session:
        assert preferences(session, Scope(tenant_id), ines.id) == {'shortcuts': False}
        assert preferences(session, Scope(tenant_id), dev.id) == preferences(session, Scope(other), ines.id) == {}
        assert preferences(session, Scope(tenant_id), None) == {}
