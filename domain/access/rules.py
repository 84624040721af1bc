"""Who may do what. Every action begins with `require(actor, Permission.x)`, so page, route, command and task obey alike."""

from datetime import timedelta
from enum import StrEnum

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from domain.base.errors import FieldError, Forbidden, Invalid
from domain.base.scope import Actor, ActorType, Role

SESSION_COOKIE = 'lk_session'
PASSWORD_LEAST, PASSWORD_MOST = 12, 256
KEY_PREFIX, WIDGET_PREFIX = 'lk_', 'lkw_'

SEEN_GRAIN = timedelta(minutes=1)  # how exactly the last use of a session is kept

# argon2id with at least 19 MiB, two passes, one lane (OWASP ASVS 5.0, V11.4.2).
passwords = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))

# Long enough for the rule above, and still among the first that are tried.
_COMMON = frozenset(
    {
        *('123456789012', '1234567890123', '111111111111', '000000000000', 'qwertyuiop12', 'qwertyuiopas', 'letmeinletmein'),
        *('adminadminadmin', 'passwordpassword', 'password1234', 'leadkeeper123', 'welcome12345', 'iloveyou1234'),
        *('changemeplease', 'changeme1234', 'administrator'),
    }
)


class Permission(StrEnum):
    """What can be allowed. API keys hold these as scopes, with `all` for every one."""

    LEADS_READ = 'leads:read'
    LEADS_WRITE = 'leads:write'
    LEADS_CAPTURE = 'leads:capture'
    DELIVERIES_READ = 'deliveries:read'
    DELIVERIES_REPLAY = 'deliveries:replay'
    DESTINATIONS_READ = 'destinations:read'
    DESTINATIONS_EDIT = 'destinations:edit'
    SETTINGS_EDIT = 'settings:edit'
    PEOPLE_EDIT = 'people:edit'
    KEYS_EDIT = 'keys:edit'
    ALERTS_ACKNOWLEDGE = 'alerts:acknowledge'
    HEALTH_READ = 'health:read'


_READ = frozenset({Permission.LEADS_READ, Permission.DELIVERIES_READ})
_AGENT = _READ | {Permission.LEADS_WRITE, Permission.LEADS_CAPTURE, Permission.DELIVERIES_REPLAY, Permission.ALERTS_ACKNOWLEDGE}
_MANAGER = _AGENT | {Permission.DESTINATIONS_READ, Permission.HEALTH_READ}
_ALL = frozenset(Permission)
ROLES: dict[Role, frozenset[Permission]] = {
    Role.READ_ONLY: _READ,
    Role.AGENT: _AGENT,
    Role.MANAGER: _MANAGER,
    Role.ADMIN: _ALL,
    Role.OWNER: _ALL,
}
# A scope of an API key may also be the first half of a permission: `leads` is every leads:… one.
SCOPES = (
    'all',
    *sorted({p.value.partition(':')[0] for p in Permission}),
    *sorted(p.value for p in Permission),
    'chat',
    'workers',
    'intake',
)


def may(actor: Actor, permission: Permission) -> bool:
    """Whether this actor is allowed to."""
    if actor.type is ActorType.SYSTEM:
        return True
    if actor.role is not None:
        return permission in ROLES[actor.role]
    return bool(actor.scopes & {'all', permission.value, permission.value.partition(':')[0]})


def require(actor: Actor, permission: Permission) -> None:
    """Raises Forbidden, naming what is missing and who can help."""
    if not may(actor, permission):
        who = f'The role {actor.role}' if actor.role else 'This key'
        raise Forbidden(f'{who} does not include {permission.value}. An owner or admin of the desk can grant it.')


def check_password(password: str, email: str) -> None:
    """Raises Invalid unless the password has 12 to 256 characters and is neither common nor the address itself (ASVS 5.0, V6.2)."""
    lowered = password.lower()
    if len(password) < PASSWORD_LEAST:
        why = f'must have at least {PASSWORD_LEAST} characters'
    elif len(password) > PASSWORD_MOST:
        why = f'must have at most {PASSWORD_MOST} characters'
    elif lowered in _COMMON or len(set(lowered)) < 4 or lowered == email.lower():
        why = 'is too easy to guess; choose another one'
    else:
        return
    raise Invalid(f'The password {why}.', errors=[FieldError('password', why)])


def check_scopes(scopes: list[str]) -> None:
    """Raises Invalid that lists the known scopes when one is not among them."""
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise Invalid(f'Unknown scope {", ".join(unknown)}; known are {", ".join(SCOPES)}.', errors=[FieldError('scopes', 'unknown')])
