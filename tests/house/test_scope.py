"""Who may see and who acts is in every signature of the domain."""

import ast
from collections.abc import Iterator

from tests.house.tree import parse, public_functions, sources

# Queries that cannot know a tenant, and actions that have no actor, each with its reason. An entry that is no longer needed fails.
UNSCOPED_QUERIES: dict[str, str] = {
    'domain.access.queries.session_of': 'the cookie is all there is: whose it is, and of which tenant, is the answer',
    'domain.access.queries.person': 'as above',
    'domain.access.queries.living': 'open pages of all tenants in one look; ids come from the process itself',
    'domain.access.queries.api_key': 'the key is all there is: its tenant is the answer',
    'domain.access.queries.widget_key': 'as above',
    'domain.access.queries.invitation': 'the link is all there is: its tenant is the answer',
    'domain.access.queries.user_by_email': 'sign-in: the tenant is not known before the person is',
    'domain.access.queries.anybody': 'is there any person at all: decides about the first run',
    'domain.assignment.queries.tenants_in_use': 'workers serve all tenants',
    'domain.intake.queries.facts_for': 'the credential is all there is: its tenant is the answer',
    'domain.intake.queries.receipt': 'a visitor checks a signed receipt: the signature is the right to ask, and the answer is only "kept"',
    'domain.intake.queries.widget_origins': 'CORS preflights carry no credential: the origins of all widget keys',
    'domain.outbox.queries.due': 'the relay serves all tenants',
    'domain.tenancy.queries.first_tenant': 'commands and the keyless embedded desk find their tenant',
    'domain.tenancy.queries.tenants': 'workers serve all tenants',
    'domain.tenancy.queries.tenant': 'the scope itself is being looked up',
}
UNACTED_ACTIONS: dict[str, str] = {
    'domain.desk.actions.prepare': 'start-up: makes the first tenant and the rows the environment describes',
    'domain.desk.actions.open_desk': 'start-up: as above',
    'domain.intake.actions.quarantine': 'the credential in the facts is the actor',
    'domain.tenancy.actions.ensure_first_tenant': 'nobody is there yet who could act',
}


def rooms(name: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for path in sources('domain'):
        if path.name == f'{name}.py' or path.parent.name == name:
            room = '.'.join(path.with_suffix('').parts)
            for function in public_functions(path):
                yield f'{room}.{function.name}', function


def arguments(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[tuple[str, str]]:
    return [(arg.arg, ast.unparse(arg.annotation) if arg.annotation else '') for arg in (*function.args.posonlyargs, *function.args.args)]


def touches_rows(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Only who holds a session can read or write a row; the others are words and conditions that queries are made of."""
    return any(name == 'session' for name, _ in arguments(function))


def scoped(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    match arguments(function):
        case [('session', _), ('scope', 'Scope'), *_]:
            return True
    return False


def acted(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    match arguments(function):
        case [('session', _), ('actor', 'Actor'), *_]:
            return True
    return False


def test_every_query_takes_session_and_scope() -> None:
    unscoped = {name for name, function in rooms('queries') if touches_rows(function) and not scoped(function)}
    assert unscoped == set(UNSCOPED_QUERIES), 'a query takes (session, scope: Scope, …); where it cannot, UNSCOPED_QUERIES says why'


def test_every_action_takes_session_and_actor() -> None:
    unacted = {name for name, function in rooms('actions') if touches_rows(function) and not acted(function)}
    assert unacted == set(UNACTED_ACTIONS), 'an action takes (session, actor: Actor, …); where nobody acts, UNACTED_ACTIONS says why'


def test_queries_change_nothing() -> None:
    changing = ('add', 'add_all', 'delete', 'flush', 'commit', 'merge')
    found = [
        f'{path}:{node.lineno}'
        for path in sources('domain')
        if path.name == 'queries.py'
        for node in ast.walk(parse(path))
        if isinstance(node, ast.Attribute) and node.attr in changing and isinstance(node.value, ast.Name) and node.value.id == 'session'
    ]
    assert found == []
