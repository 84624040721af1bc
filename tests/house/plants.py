"""Plants one forbidden import after another in a copy of the tree and prints, as JSON, which contracts broke.

Runs in a process of its own, in the copy: the packages it reads must not be the ones pytest has loaded.
"""

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from importlinter.application import use_cases
from importlinter.configuration import configure

# contract id: the violations that must break it, and nothing else: (module to write, line to write into it).
PLANTS: dict[str, list[tuple[str, str]]] = {
    'ui-floors': [
        ('ui/planted.py', 'import tasks.planted_target'),
        ('ui/planted.py', 'from migrations import planted_target'),
        ('ui/planted.py', 'import app'),
    ],
    'ui-integrations': [
        ('ui/pages/planted.py', 'from integrations import planted_target'),
        ('ui/pages/planted.py', 'import integrations.webhooks'),
    ],
    'ui-outside': [
        ('ui/planted.py', f'import {name}') for name in ('sqlalchemy', 'sqlmodel', 'psycopg', 'redis', 'huey', 'httpx', 'alembic')
    ],
    'ui-rooms': [
        ('ui/routes/planted.py', 'import ui.pages.planted_target'),
        ('ui/commands/planted.py', 'from ui.routes import planted_target'),
    ],
    'ui-without-nicegui': [
        ('ui/routes/planted.py', 'import nicegui'),
        ('ui/commands/planted.py', 'from ui.components import planted_nicegui'),
    ],
    'ui-presenters': [
        ('ui/presenters/planted.py', 'import ui.components.planted_target'),
        ('ui/presenters/planted.py', 'import nicegui'),
    ],
    'tasks-floors': [
        ('tasks/planted.py', 'from ui import planted_target'),
        ('tasks/planted.py', 'import fastapi'),
    ],
    'integrations-floors': [
        ('integrations/planted.py', 'import tasks.planted_target'),
        ('integrations/planted.py', 'import ui.planted_target'),
    ],
    'integrations-domain': [('integrations/planted.py', 'import domain.tenancy.planted_target')],
    'integrations-webhooks': [
        ('integrations/webhooks/planted.py', 'import httpx'),
        ('integrations/webhooks/planted.py', 'import integrations.planted_target'),
    ],
    'domain-floors': [
        ('domain/desk/planted.py', 'import integrations.planted_target'),
        ('domain/desk/planted.py', 'import tasks.planted_target'),
    ],
    'domain-outside': [('domain/base/planted.py', f'import {name}') for name in ('nicegui', 'fastapi', 'huey', 'redis', 'httpx', 'openai')],
    'domain-lines': [
        ('domain/base/planted.py', 'import domain.tenancy.planted_target'),
        ('domain/access/planted.py', 'import domain.flags.planted_target'),
        ('domain/timeline/planted.py', 'import domain.outbox.planted_target'),
        ('domain/intake/planted.py', 'from domain.desk import planted_target'),
        ('domain/nowhere/__init__.py', ''),
    ],
    'migrations-floors': [('migrations/planted.py', 'import ui.planted_target')],
}

TARGETS = [
    *(f'{name}/planted_target.py' for name in ('ui', 'ui/pages', 'ui/routes', 'ui/components', 'tasks', 'migrations', 'integrations')),
    *(f'domain/{name}/planted_target.py' for name in ('tenancy', 'flags', 'outbox', 'desk')),
]


def broken() -> list[str]:
    """The ids of the contracts that do not hold for the tree as it lies there now."""
    options = use_cases.read_user_options('pyproject.toml')
    use_cases._register_contract_types(options)  # noqa: SLF001, RUF100 - what lint_imports does first
    report = use_cases.create_report(options, cache_dir=None)
    if report.could_not_run:
        return [f'{name}: {trouble}' for name, trouble in report.invalid_contract_options.items()]
    ids = {contract['name']: contract['id'] for contract in options.contracts_options}
    return sorted(ids[contract.name] for contract, check in report.get_contracts_and_checks() if not check.kept)


def main() -> None:
    """Report the untouched tree first (key "nothing"), then each plant."""
    configure()
    for target in TARGETS:
        Path(target).write_text('')
    Path('ui/components/planted_nicegui.py').write_text('import nicegui\n')
    found = [('nothing', '', '', broken())]
    for contract, plants in PLANTS.items():
        for module, line in plants:
            path = Path(module)
            path.parent.mkdir(exist_ok=True)
            path.write_text(line + '\n')
            found.append((contract, module, line, broken()))
            path.unlink()
            if path.name == '__init__.py':
                path.parent.rmdir()
    print('\n' + json.dumps(found))


if __name__ == '__main__':
    main()
