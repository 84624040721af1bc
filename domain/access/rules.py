"""Who may do what. Every action begins with `require(actor, Permission.x)`, so page, route, command and task obey alike."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from limits import parse
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from domain.access.models import Invitation
from domain.base.errors import FieldError, Forbidden, Invalid
from domain.base.scope import Actor, ActorType, Role

SESSION_COOKIE = 'lk_session'
SECURE_COOKIE = '__Host-lk_session'  # on https: browsers take a cookie of this name only with Secure, for this host alone
PASSWORD_LEAST, PASSWORD_MOST = 12, 256
KEY_PREFIX, WIDGET_PREFIX = 'lk_', 'lkw_'

INVITATION_LIFE = timedelta(days=7)
JOIN, RESET = 'join_', 'reset_'  # how the text of a link begins: what it is for cannot be changed without changing its hash

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
    """Raises Invalid that lists the known scopes when one is not among them, or when there is none."""
    if not scopes:
        raise Invalid('A key without a scope could do nothing; choose at least one.', errors=[FieldError('scopes', 'choose at least one')])
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise Invalid(f'Unknown scope {", ".join(unknown)}; known are {", ".join(SCOPES)}.', errors=[FieldError('scopes', 'unknown')])


def session_token(cookies: Mapping[str, str]) -> str:
    """The session token a browser sent, under either name; '' when it sent none."""
    return cookies.get(SECURE_COOKIE) or cookies.get(SESSION_COOKIE, '')


def check_may_manage(actor: Actor, *roles: Role) -> None:
    """Raises Forbidden when one of the roles is owner and the actor is neither an owner nor the desk itself."""
    if Role.OWNER in roles and actor.role is not Role.OWNER and actor.type is not ActorType.SYSTEM:
        raise Forbidden('Only an owner can change an owner or make one. Ask an owner of the desk.')


def check_address(email: str) -> str:
    """The address as accounts keep it; raises Invalid when it is none."""
    address = email.strip().lower()
    if '@' not in address[1:-1] or ' ' in address or not address.isprintable() or len(address) > 320:
        raise Invalid(f'"{email[:320]}" is not an e-mail address.', errors=[FieldError('email', 'is not an e-mail address')])
    return address


def check_name(name: str) -> str:
    """The name of a key without blanks around it; raises Invalid for none, or one over 200 characters."""
    name = name.strip()
    if not name or len(name) > 200 or not name.isprintable():
        raise Invalid('Give it a name of at most 200 characters.', errors=[FieldError('name', 'must have 1 to 200 characters')])
    return name


def check_rate_limit(text: str | None) -> str | None:
    """The limit, or None for the desk's own; raises Invalid for what is no count per time."""
    if not text or not text.strip():
        return None
    try:
        parse(text)
    except ValueError:
        wrong = 'must be a count per time such as 60/minute'
        raise Invalid(f'The rate limit {wrong}.', errors=[FieldError('rate_limit', wrong)]) from None
    if len(text) > 64:
        raise Invalid('The rate limit is too long.', errors=[FieldError('rate_limit', 'is too long')])
    return text.strip()


def check_origins(origins: list[str]) -> list[str]:
    """Web origins as browsers write them; raises Invalid that names the one that is none, or when there is none at all."""
    out = []
    for text in origins:
        try:
            parts = urlsplit(text.strip().rstrip('/').lower())
            good = (
                parts.scheme in ('https', 'http') and parts.hostname and parts.port != 0 and '@' not in parts.netloc and text.isprintable()
            )
        except ValueError:
            good = False
        if not good or parts.path or parts.query or parts.fragment:
            wrong = f'"{text[:200]}" is not a web origin; write it as https://shop.example, without a path'
            raise Invalid(f'{wrong}.', errors=[FieldError('origins', wrong)])
        out.append(f'{parts.scheme}://{parts.netloc}')
    if not out or len(out) > 50:
        raise Invalid('Name 1 to 50 web origins.', errors=[FieldError('origins', 'name at least one, such as https://shop.example')])
    return list(dict.fromkeys(out))


def invitation_trouble(row: Invitation, now: datetime) -> str:
    """Why this link can no longer be used; '' when it can."""
    if row.accepted_at:
        return 'This link was used already. Each one works once.'
    if row.revoked_at:
        return 'This link was taken back.'
    return 'This link was valid for seven days, and they are over.' if row.expires_at <= now else ''
