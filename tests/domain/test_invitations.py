"""Links, roles and closed accounts: who may do what to whom, on both engines."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from domain.access import actions, keys, signing
from domain.access.invitations import accept, hashed, invite, opened, reset_link, revoke_invitation
from domain.access.models import User
from domain.access.people import change_role, disable, enable, sign_out_everywhere
from domain.access.queries import actor_of, invitations, people, session_of, widget_keys
from domain.access.rules import PASSWORD_LEAST
from domain.base import clock
from domain.base.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn, Refusal
from domain.base.scope import Actor, ActorType, Role, Scope, system
from domain.base.secrets import digest
from tests.domain.conftest import Desk
from tests.domain.rows import other_tenant, table

PASSWORD = 'correct horse battery'
NEW = 'a small grey lighthouse'


def account(desk: Desk, role: Role, name: str = '') -> User:
    """Somebody of this role, without the cost of a real password."""
    with desk.db.transaction() as session:
        user = User(tenant_id=desk.tenant_id, email=f'{name or role}@example.com', name=name or role.value, password_hash='x', role=role)
        session.add(user)
        return user


def act(desk: Desk, deed: Callable[..., Any], actor: Actor, *args: Any) -> Any:
    with desk.db.transaction() as session:
        return deed(session, actor, *args)


def use(desk: Desk, text: str, name: str = 'Rosa', password: str = NEW) -> User:
    """Open the link and press its button."""
    with desk.db.reading() as session:
        row = opened(session, text, clock.now())
    hash_ = hashed(row, password)
    with desk.db.transaction() as session:
        return accept(session, text, name, hash_)


def signed_in(desk: Desk, email: str, password: str) -> str:
    with desk.db.transaction() as session:
        return signing.sign_in(session, email, password, hours=12)[0]


def alive(desk: Desk, token: str) -> bool:
    try:
        with desk.db.reading() as session:
            session_of(session, token, clock.now())
    except NotSignedIn:
        return False
    return True


def open_links(desk: Desk) -> list[str]:
    with desk.db.reading() as session:
        return [row.email for row in invitations(session, Scope(desk.tenant_id), clock.now())]


def test_a_link_makes_one_account_and_works_once(desk: Desk) -> None:
    owner = actor_of(account(desk, Role.OWNER))
    row, text = act(desk, invite, owner, ' Rosa@Example.com', 'Rosa', Role.AGENT)
    (stored,) = table(desk.db, 'invitations')
    assert stored['token_hash'] == digest(text)
    assert text not in str(stored)
    assert row.expires_at - row.created_at == pytest.approx(timedelta(days=7), abs=timedelta(seconds=1))
    user = use(desk, text, name='Rosa Silva')
    assert (user.email, user.name, user.role, user.tenant_id) == ('rosa@example.com', 'Rosa Silva', Role.AGENT, desk.tenant_id)
    assert alive(desk, signed_in(desk, 'rosa@example.com', NEW))
    with pytest.raises(Conflict, match='used already'):
        use(desk, text)
    assert len(table(desk.db, 'users')) == 2
    assert open_links(desk) == []
    assert [row['action'] for row in table(desk.db, 'audit_log')] == ['user.invited', 'user.joined']


def test_two_who_use_it_at_once_make_one_account(desk: Desk) -> None:
    _, text = act(desk, invite, system(desk.tenant_id), 'rosa@example.com', '', Role.AGENT)

    def attempt(_: int) -> str:
        try:
            return use(desk, text).email
        except (Conflict, Refusal) as trouble:
            return type(trouble).__name__

    with ThreadPoolExecutor(4) as pool:
        ended = sorted(pool.map(attempt, range(4)))
    assert ended == ['Conflict'] * 3 + ['rosa@example.com']
    assert len(table(desk.db, 'users')) == 1


def test_links_end(desk: Desk) -> None:
    owner = actor_of(account(desk, Role.OWNER))
    _, first = act(desk, invite, owner, 'rosa@example.com', '', Role.AGENT)
    row, second = act(desk, invite, owner, 'rosa@example.com', '', Role.MANAGER)
    with pytest.raises(Conflict, match='taken back'):  # a new one for the same address ends the former
        use(desk, first)
    act(desk, revoke_invitation, owner, row.id)
    with pytest.raises(Conflict, match='taken back'):
        use(desk, second)
    _, third = act(desk, invite, owner, 'rosa@example.com', '', Role.AGENT)
    clock.advance(timedelta(days=7, minutes=1))
    assert open_links(desk) == []
    with pytest.raises(Conflict, match='seven days'):
        use(desk, third)
    with pytest.raises(NotFound):
        use(desk, third[:-1])
    assert len(table(desk.db, 'users')) == 1


def test_a_link_ends_when_the_address_gets_an_account_another_way(desk: Desk) -> None:
    _, text = act(desk, invite, system(desk.tenant_id), 'rosa@example.com', '', Role.OWNER)
    act(desk, actions.add_user, system(desk.tenant_id), 'rosa@example.com', 'Rosa', PASSWORD, Role.READ_ONLY)
    with pytest.raises(Conflict, match='taken back'):
        use(desk, text)
    with pytest.raises(Conflict, match='account for rosa'):
        act(desk, invite, system(desk.tenant_id), 'ROSA@example.com', '', Role.OWNER)
    assert alive(desk, signed_in(desk, 'rosa@example.com', PASSWORD))


@pytest.mark.parametrize('password', ['short', 'x' * (PASSWORD_LEAST + 1), 'password1234', 'rosa@example.com'])
def test_passwords_obey_the_same_rules_as_at_first_run(desk: Desk, password: str) -> None:
    _, text = act(desk, invite, system(desk.tenant_id), 'rosa@example.com', '', Role.AGENT)
    with pytest.raises(Invalid) as refused:
        use(desk, text, password=password)
    assert refused.value.errors[0].field == 'password'
    assert open_links(desk) == ['rosa@example.com']  # it is not used up by that


@pytest.mark.parametrize('email', ['', 'rosa', 'a b@example.com', 'rosa@exa\x00mple.com', '@', 'x' * 400 + '@example.com'])
def test_bad_addresses_are_refused(desk: Desk, email: str) -> None:
    with pytest.raises(Invalid):
        act(desk, invite, system(desk.tenant_id), email, '', Role.AGENT)


def test_a_reset_link_gives_a_new_password_and_ends_the_sessions(desk: Desk) -> None:
    owner = actor_of(account(desk, Role.OWNER))
    rosa = act(desk, actions.add_user, system(desk.tenant_id), 'rosa@example.com', 'Rosa', PASSWORD, Role.AGENT)
    token = signed_in(desk, 'rosa@example.com', PASSWORD)
    _, text = act(desk, reset_link, owner, rosa.id)
    assert alive(desk, token)  # until it is used nothing has changed
    use(desk, text)
    assert not alive(desk, token)
    with pytest.raises(NotSignedIn):
        signed_in(desk, 'rosa@example.com', PASSWORD)
    assert alive(desk, signed_in(desk, 'rosa@example.com', NEW))
    with pytest.raises(Conflict):
        use(desk, text)


def test_a_reset_link_is_for_the_account_as_it_was(desk: Desk) -> None:
    owner, rosa = actor_of(account(desk, Role.OWNER)), account(desk, Role.AGENT, 'rosa')
    for change in (lambda: act(desk, change_role, owner, rosa.id, Role.ADMIN), lambda: act(desk, disable, owner, rosa.id)):
        _, text = act(desk, reset_link, owner, rosa.id)
        change()
        with pytest.raises(Conflict):
            use(desk, text)
    with pytest.raises(Conflict, match='disabled'):
        act(desk, reset_link, owner, rosa.id)


# who acts, upon whom, whether it may be done
MANAGED = [
    *[(Role.OWNER, role, True) for role in Role],
    *[(Role.ADMIN, role, role is not Role.OWNER) for role in Role],
    *[(who, role, False) for who in (Role.MANAGER, Role.AGENT, Role.READ_ONLY) for role in Role],
]


def test_who_may_do_what_to_whom(desk: Desk) -> None:
    account(desk, Role.OWNER, 'spare')
    deeds: list[Callable[[Actor, UUID, Role], Any]] = [
        lambda actor, id_, _: act(desk, reset_link, actor, id_),
        lambda actor, id_, _: act(desk, sign_out_everywhere, actor, id_),
        lambda actor, id_, _: act(desk, change_role, actor, id_, Role.READ_ONLY),
        lambda actor, id_, role: act(desk, change_role, actor, id_, role),
        lambda actor, id_, _: act(desk, disable, actor, id_),
        lambda actor, id_, _: act(desk, enable, actor, id_),
        lambda actor, _, role: act(desk, invite, actor, f'{uuid4()}@example.com', '', role),
    ]
    for number, (who, whom, good) in enumerate(MANAGED):
        actor, target = actor_of(account(desk, who, f'who{number}')), account(desk, whom, f'whom{number}')
        for deed in deeds:
            if good:
                deed(actor, target.id, whom)
            else:
                with pytest.raises(Forbidden):
                    deed(actor, target.id, whom)


def test_a_key_is_no_owner(desk: Desk) -> None:
    owner, agent = account(desk, Role.OWNER), account(desk, Role.AGENT)
    key = Actor(Scope(desk.tenant_id), ActorType.AGENT, uuid4(), 'key', None, frozenset({'all'}))
    for attempt in (
        lambda: act(desk, change_role, key, agent.id, Role.OWNER),
        lambda: act(desk, disable, key, owner.id),
        lambda: act(desk, invite, key, 'new@example.com', '', Role.OWNER),
    ):
        with pytest.raises(Forbidden):
            attempt()
    act(desk, change_role, key, agent.id, Role.MANAGER)


def test_nobody_changes_their_own_role_and_the_last_owner_stays(desk: Desk) -> None:
    owner, admin = account(desk, Role.OWNER), account(desk, Role.ADMIN)
    for user in (owner, admin):
        for role in (Role.OWNER, Role.ADMIN, Role.AGENT):
            with pytest.raises((Conflict, Forbidden)):
                act(desk, change_role, actor_of(user), user.id, role)
        with pytest.raises(Conflict, match='own account'):
            act(desk, disable, actor_of(user), user.id)
    for attempt in (
        lambda: act(desk, change_role, system(desk.tenant_id), owner.id, Role.ADMIN),
        lambda: act(desk, disable, system(desk.tenant_id), owner.id),
        lambda: act(desk, actions.disable_user, system(desk.tenant_id), owner.email),
    ):
        with pytest.raises(Conflict, match='last owner'):
            attempt()
    second = account(desk, Role.OWNER, 'second')
    act(desk, disable, actor_of(owner), second.id)
    with pytest.raises(Conflict, match='last owner'):  # a disabled one does not count
        act(desk, change_role, system(desk.tenant_id), owner.id, Role.ADMIN)


def test_two_owners_cannot_end_each_other_at_once(desk: Desk) -> None:
    one, two = account(desk, Role.OWNER, 'one'), account(desk, Role.OWNER, 'two')

    def attempt(pair: tuple[User, User]) -> str:
        try:
            act(desk, change_role, actor_of(pair[0]), pair[1].id, Role.AGENT)
        except Refusal as trouble:
            return type(trouble).__name__
        return 'done'

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(attempt, [(one, two), (two, one)]))
    assert [row['role'] for row in table(desk.db, 'users')].count('owner') >= 1


def test_a_change_ends_the_sessions_and_the_page_of_people_sees_it(desk: Desk) -> None:
    owner = actor_of(account(desk, Role.OWNER))
    rosa = act(desk, actions.add_user, system(desk.tenant_id), 'rosa@example.com', 'Rosa', PASSWORD, Role.AGENT)

    def seen() -> tuple[Role, bool, int]:
        with desk.db.reading() as session:
            row = next(each for each in people(session, Scope(desk.tenant_id), clock.now()) if each.id == rosa.id)
        return row.role, row.disabled_at is not None, row.sessions

    first = signed_in(desk, 'rosa@example.com', PASSWORD)
    assert seen() == (Role.AGENT, False, 1)
    assert act(desk, change_role, owner, rosa.id, Role.MANAGER) is Role.AGENT
    assert not alive(desk, first)
    second, third = (signed_in(desk, 'rosa@example.com', PASSWORD) for _ in range(2))
    assert act(desk, sign_out_everywhere, owner, rosa.id) == 2
    assert not alive(desk, second)
    assert not alive(desk, third)
    signed_in(desk, 'rosa@example.com', PASSWORD)
    act(desk, disable, owner, rosa.id)
    assert seen() == (Role.MANAGER, True, 0)
    with pytest.raises(NotSignedIn):
        signed_in(desk, 'rosa@example.com', PASSWORD)
    act(desk, enable, owner, rosa.id)
    assert alive(desk, signed_in(desk, 'rosa@example.com', PASSWORD))


def test_another_tenant_finds_nothing(desk: Desk) -> None:
    rosa = account(desk, Role.AGENT, 'rosa')
    row, _ = act(desk, invite, system(desk.tenant_id), 'new@example.com', '', Role.AGENT)
    key, _ = act(desk, keys.create_widget_key, system(desk.tenant_id), 'site', ['https://a.example'])
    stranger = Actor(Scope(other_tenant(desk.db)), ActorType.AGENT, uuid4(), 'Eve', Role.OWNER)
    for deed, *args in (
        (change_role, rosa.id, Role.ADMIN),
        (disable, rosa.id),
        (enable, rosa.id),
        (sign_out_everywhere, rosa.id),
        (reset_link, rosa.id),
        (revoke_invitation, row.id),
        (keys.revoke_widget_key, key.id),
    ):
        with pytest.raises(NotFound):
            act(desk, deed, stranger, *args)
    with desk.db.reading() as session:
        assert (people(session, stranger.scope, clock.now()), invitations(session, stranger.scope, clock.now())) == ([], [])
        assert widget_keys(session, stranger.scope) == []
