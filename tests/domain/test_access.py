"""Who may come in, for how long, and what they may do there."""

from datetime import timedelta
from uuid import UUID

import pytest
from pwdlib.hashers.argon2 import Argon2Hasher

from domain.access import actions, keys, signing
from domain.access.models import ApiKey, User, UserSession
from domain.access.queries import actor_of, api_key, api_keys, session_of, users, widget_key
from domain.access.rules import ROLES, SCOPES, Permission, check_password, check_scopes, may, passwords, require
from domain.base import clock
from domain.base.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, Refusal
from domain.base.scope import Actor, ActorType, Role, Scope, system
from domain.desk.actions import open_desk
from tests.domain.conftest import Desk
from tests.domain.rows import other_tenant, table

PASSWORD = 'correct horse battery'
IDLE = timedelta(minutes=30)


def signed_up(desk: Desk, email: str = 'ada@example.com', role: Role = Role.OWNER) -> User:
    with desk.db.transaction() as session:
        return actions.add_user(session, system(desk.tenant_id), email, 'Ada', PASSWORD, role)


def signed_in(desk: Desk, email: str = 'ada@example.com') -> str:
    with desk.db.transaction() as session:
        return signing.sign_in(session, email, PASSWORD, hours=12)[0]


def look(desk: Desk, token: str) -> User:
    with desk.db.reading() as session:
        return session_of(session, token, clock.now())[1]


def test_passwords_are_argon2id_of_the_demanded_cost() -> None:
    assert passwords.hash(PASSWORD).startswith('$argon2id$v=19$m=19456,t=2,p=1$')


def test_a_weaker_hash_is_made_stronger_at_sign_in(desk: Desk) -> None:
    signed_up(desk)
    weak = Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD)
    with desk.db.transaction() as session:
        session.connection().exec_driver_sql(f"update users set password_hash = '{weak}'")
    signed_in(desk)
    assert table(desk.db, 'users')[0]['password_hash'].startswith('$argon2id$v=19$m=19456,t=2,p=1$')


@pytest.mark.parametrize(
    'password',
    ['short', 'x' * 11, 'aaaaaaaaaaaaaa', 'password1234', 'PASSWORD1234', 'ada.lovelace@example.com', 'x1y2' * 65, '', 'abababababab'],
)
def test_bad_passwords_are_refused_with_the_field(password: str) -> None:
    with pytest.raises(Invalid) as caught:
        check_password(password, 'ada.lovelace@example.com')
    assert caught.value.errors[0].field == 'password' and (not password or password not in caught.value.detail)


@pytest.mark.parametrize('password', [PASSWORD, 'öäü €uro 12 x', 'x1y2' * 64, '    spaces are fine   '])
def test_good_passwords_pass(password: str) -> None:
    check_password(password, 'ada@example.com')


@pytest.mark.parametrize(
    ('email', 'password'), [('ada@example.com', 'wrong'), ('nobody@example.com', PASSWORD), ('', ''), ("' or 1=1 --", 'x')]
)
def test_who_was_wrong_is_not_told(desk: Desk, email: str, password: str) -> None:
    signed_up(desk)
    with pytest.raises(NotSignedIn, match=r'^E-mail or password is wrong\.$'), desk.db.transaction() as session:
        signing.sign_in(session, email, password, hours=12)
    assert table(desk.db, 'user_sessions') == []


def test_each_sign_in_is_a_new_session_and_only_its_hash_is_kept(desk: Desk) -> None:
    signed_up(desk)
    one, two = signed_in(desk), signed_in(desk, ' ADA@example.com ')
    assert one != two and len(one) >= 43
    kept = str(table(desk.db, 'user_sessions'))
    assert one not in kept and two not in kept
    with desk.db.transaction() as session:
        signing.sign_out(session, one)
    with pytest.raises(NotSignedIn):
        look(desk, one)
    assert look(desk, two).email == 'ada@example.com'


def test_a_session_ends_after_its_hours(desk: Desk) -> None:
    signed_up(desk)
    token = signed_in(desk)
    clock.advance(timedelta(hours=11, minutes=59))
    look(desk, token)
    clock.advance(timedelta(minutes=2))
    with pytest.raises(NotSignedIn):
        look(desk, token)


def test_a_session_in_use_stays_and_an_idle_one_ends(desk: Desk) -> None:
    signed_up(desk)
    token = signed_in(desk)

    def use() -> None:
        with desk.db.transaction() as session:
            signing.seen(session, session_of(session, token, clock.now())[0], clock.now(), IDLE)

    for _ in range(4):
        clock.advance(timedelta(minutes=29))
        use()
    clock.advance(timedelta(minutes=31))
    for _ in range(2):
        with pytest.raises(NotSignedIn):
            use()


@pytest.mark.parametrize('deed', ['disable', 'reset'])
def test_closing_an_account_ends_its_sessions(desk: Desk, deed: str) -> None:
    signed_up(desk)
    signed_up(desk, 'bo@example.com', Role.AGENT)
    token, other = signed_in(desk, 'bo@example.com'), signed_in(desk)
    with desk.db.transaction() as session:
        if deed == 'disable':
            actions.disable_user(session, system(desk.tenant_id), 'bo@example.com')
        else:
            actions.reset_password(session, system(desk.tenant_id), 'bo@example.com', 'another long one 1')
        rings = [ring.topic for ring in session.info['rings']]
    assert 'session' in rings
    with pytest.raises(NotSignedIn):
        look(desk, token)
    assert look(desk, other).email == 'ada@example.com'
    if deed == 'disable':
        with pytest.raises(NotSignedIn):
            signed_in(desk, 'bo@example.com')


def test_the_last_owner_stays(desk: Desk) -> None:
    signed_up(desk)
    with pytest.raises(Conflict, match='last owner'), desk.db.transaction() as session:
        actions.disable_user(session, system(desk.tenant_id), 'ada@example.com')


EXPECTED = {
    Role.READ_ONLY: {'leads:read', 'deliveries:read'},
    Role.AGENT: {'leads:read', 'deliveries:read', 'leads:write', 'leads:capture', 'deliveries:replay', 'alerts:acknowledge'},
}
EXPECTED[Role.MANAGER] = EXPECTED[Role.AGENT] | {'destinations:read', 'health:read'}
EXPECTED[Role.ADMIN] = EXPECTED[Role.OWNER] = {permission.value for permission in Permission}


@pytest.mark.parametrize('role', list(Role))
def test_roles_may_what_the_table_says(role: Role) -> None:
    actor = Actor(Scope(UUID(int=1)), ActorType.AGENT, None, 'x', role)
    assert {permission.value for permission in Permission if may(actor, permission)} == EXPECTED[role] == {p.value for p in ROLES[role]}
    for permission in Permission:
        if permission.value not in EXPECTED[role]:
            with pytest.raises(Forbidden, match=permission.value):
                require(actor, permission)


@pytest.mark.parametrize(
    ('scopes', 'allowed'),
    [
        ({'all'}, {p.value for p in Permission}),
        ({'leads'}, {'leads:read', 'leads:write', 'leads:capture'}),
        ({'leads:read'}, {'leads:read'}),
        ({'intake'}, set()),
        (set(), set()),
        ({'chat', 'workers'}, set()),
    ],
)
def test_keys_may_what_their_scopes_say(scopes: set[str], allowed: set[str]) -> None:
    actor = Actor(Scope(UUID(int=1)), ActorType.AGENT, None, 'key', None, frozenset(scopes))
    assert {permission.value for permission in Permission if may(actor, permission)} == allowed


def test_an_unknown_scope_is_named() -> None:
    check_scopes(list(SCOPES))
    with pytest.raises(Invalid, match='Unknown scope root'):
        check_scopes(['leads', 'root'])


def deeds(actor: Actor) -> dict[str, object]:
    return {
        'add_user': lambda s: actions.add_user(s, actor, 'x@example.com', 'x', PASSWORD, Role.AGENT),
        'disable_user': lambda s: actions.disable_user(s, actor, 'ada@example.com'),
        'reset_password': lambda s: actions.reset_password(s, actor, 'ada@example.com', PASSWORD),
        'create_key': lambda s: keys.create_key(s, actor, 'k', ['all']),
        'create_widget_key': lambda s: keys.create_widget_key(s, actor, 'k', []),
        'adopt_environment_key': lambda s: keys.adopt_environment_key(s, actor, None),
    }


def test_deeds_on_access_need_the_right(desk: Desk) -> None:
    user = signed_up(desk, role=Role.AGENT)
    for name, deed in deeds(actor_of(user)).items():
        with pytest.raises(Forbidden), desk.db.transaction() as session:
            deed(session)  # type: ignore[operator]  # a lambda
        assert table(desk.db, 'api_keys') == [], name


def test_the_other_tenant_is_out_of_reach(desk: Desk) -> None:
    signed_up(desk)
    there = system(other_tenant(desk.db))
    with desk.db.transaction() as session:
        key, _ = keys.create_key(session, system(desk.tenant_id), 'k', ['all'])
    for deed in (
        lambda s: actions.disable_user(s, there, 'ada@example.com'),
        lambda s: actions.reset_password(s, there, 'ada@example.com', PASSWORD),
        lambda s: keys.revoke_key(s, there, key.id),
    ):
        with pytest.raises(NotFound), desk.db.transaction() as session:
            deed(session)
    with desk.db.reading() as session:
        assert users(session, there.scope) == [] and api_keys(session, there.scope) == []


def test_keys_live_until_revoked_or_expired(desk: Desk) -> None:
    with desk.db.transaction() as session:
        row, text = keys.create_key(session, system(desk.tenant_id), 'k', ['leads'])
        _, widget = keys.create_widget_key(session, system(desk.tenant_id), 'w', ['https://shop.example/'])
    assert text.startswith('lk_') and len(text) > 40 and widget.startswith('lkw_')
    assert text not in str(table(desk.db, 'api_keys')) and widget not in str(table(desk.db, 'widget_keys'))
    with desk.db.reading() as session:
        assert api_key(session, text, clock.now()) and widget_key(session, widget) and not api_key(session, widget, clock.now())
        found = widget_key(session, widget)
        assert found and found.origins == ['https://shop.example']
    with desk.db.transaction() as session:
        live = session.get(ApiKey, row.id)
        assert live
        live.expires_at = clock.now() + timedelta(hours=1)
        session.add(live)
    clock.advance(timedelta(hours=1, seconds=1))
    with desk.db.reading() as session:
        assert api_key(session, text, clock.now()) is None


def test_the_key_of_the_environment_comes_and_goes(desk: Desk) -> None:
    def adopt(text: str | None) -> list[tuple[str, bool, bool]]:
        with desk.db.transaction() as session:
            keys.adopt_environment_key(session, system(desk.tenant_id), text)
        with desk.db.reading() as session:
            return [(row.hint, row.from_environment, row.revoked_at is None) for row in api_keys(session, Scope(desk.tenant_id))]

    assert adopt('first-secret-1111') == adopt('first-secret-1111') == [('1111', True, True)]
    assert adopt('other-secret-2222') == [('2222', True, True), ('1111', True, False)]
    assert adopt(None) == [('2222', True, False), ('1111', True, False)]
    assert adopt('first-secret-1111') == [('2222', True, False), ('1111', True, True)]
    with desk.db.reading() as session:
        row = api_key(session, 'first-secret-1111', clock.now())
    assert row
    with pytest.raises(Conflict, match='ADMIN_API_KEY'), desk.db.transaction() as session:
        keys.revoke_key(session, system(desk.tenant_id), row.id)


def test_only_one_owner_is_made_when_many_try_at_once(desk: Desk) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def attempt(number: int) -> bool:
        try:
            with desk.db.transaction() as session:
                open_desk(session, name='x', email=f'owner{number}@example.com', password=PASSWORD)
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(attempt, range(6))) == 1
    assert len(table(desk.db, 'users')) == 1


def test_sessions_are_told_apart_by_tenant(desk: Desk) -> None:
    user = signed_up(desk)
    token = signed_in(desk)
    assert look(desk, token).tenant_id == user.tenant_id
    assert {row['tenant_id'] for row in table(desk.db, UserSession.__tablename__)} == {desk.tenant_id}
