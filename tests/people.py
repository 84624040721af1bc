"""Accounts of tests. Hashing a password is made to take long, so each is hashed once in a run; `add_user` itself has tests of its own."""

from functools import cache

from sqlmodel import Session

from domain.access.models import User
from domain.access.rules import passwords
from domain.base.scope import Actor, Role

_hashed = cache(passwords.hash)


def account(session: Session, actor: Actor, email: str, name: str, password: str, role: Role) -> User:
    """What `add_user` makes, at once."""
    user = User(tenant_id=actor.tenant_id, email=email, name=name, password_hash=_hashed(password), role=role)
    session.add(user)
    session.flush()
    return user
