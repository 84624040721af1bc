"""The composition root: settings in, adapters chosen, doors filled. Only this file knows all floors."""

import gc

gc.set_threshold(100_000, 50, 100)  # what is imported stays: looking through it time and again was a fifth of each start

from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import FastAPI

from domain.base import log
from domain.base.db import Database
from domain.base.doorbell import Doorbell
from domain.base.keep import Keeper
from domain.base.keep_postgres import PostgresKeeper
from domain.base.keep_sqlite import SqliteKeeper
from domain.base.secrets import SecretBox, open_box
from domain.base.settings import Settings, load
from domain.desk.actions import prepare_house
from domain.desk.probe import probe
from domain.intake.facts import Facts, FactsBook
from domain.intake.queries import facts_for
from domain.intake.statement import statement
from integrations.registry import CHANNELS, check, from_environment
from migrations.run import current, upgrade
from ui.doors import Doors

# What a worker may be narrowed to; kinds that are not built yet have nothing to do.
WORKER_NAMES = (
    *('hubspot', 'shopmonkey', 'rocketreach', 'slack', 'discord', 'telegram', 'email', 'sms', 'whatsapp', 'webhook', 'n8n'),
    *('chat', 'intent', 'security', 'rag', 'openai', 'deadlines', 'housekeeping'),
)


def open_house(settings: Settings, *, serves: bool = False) -> Doors:
    """Bring the database to this version, make sure of the first tenant, and fill the doors. Raises Refusal before any port is opened.

    With `serves` (serve, api, worker) key and destinations follow the environment. A command may run without the servers' environment.
    """
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    box = open_box(settings)
    upgrade(settings.url)
    bell = Doorbell()
    db = Database(settings.url, bell=bell, timeout=settings.db_timeout_seconds)
    prepare_house(db, settings, box, from_environment(settings) if serves else None)
    return Doors(
        settings=settings,
        db=db,
        keeper=_keeper(settings, db),
        bell=bell,
        box=box,
        facts=FactsBook(partial(_facts, settings, db, box), bell, timedelta(hours=settings.expire_hours)),
        probe=partial(probe, db, settings),
        check_destination=lambda kind, config: check(kind, config, trusted=False, allow=settings.outbound_allow, settings=settings),
        channels=CHANNELS,
        first_run_code=box.sign('first run')[:8],
    )


def _keeper(settings: Settings, db: Database) -> Keeper:
    size, timeout = settings.db_pool_size, settings.db_timeout_seconds
    return SqliteKeeper(db, statement()) if db.is_sqlite else PostgresKeeper(settings.url, statement(), size=size, timeout=timeout)


def _facts(settings: Settings, db: Database, box: SecretBox, key: str | None, kind: str) -> Facts | None:
    with db.reading() as session:
        return facts_for(session, key, kind, sign=box.sign, expire=timedelta(hours=settings.expire_hours), embedded=settings.embedded)


def api(doors: Doors | None = None, *, company: Any = None) -> FastAPI:
    """The routes, without NiceGUI: each process of `leadkeeper api`, and the ground of `serve`; `company` starts and stops with it."""
    from ui.pages.thanks import router as thanks
    from ui.routes.build import build

    if doors is not None:
        return build(doors, thanks, company=company)
    log.configure(settings := load())  # a process of `leadkeeper api --workers N`, started by uvicorn
    return build(open_house(settings, serves=True), thanks, rare_only=True)


def desk(doors: Doors, *, worker: bool = True) -> FastAPI:
    """Pages and routes, and with `worker` the embedded worker: what `leadkeeper serve` runs, one process of it."""
    from ui.pages.mount import mount

    fast = api(doors, company=_worker(doors) if worker else None)
    mount(fast, doors)
    return fast


def main() -> None:
    """The command `leadkeeper`."""
    from ui.commands.launch import Launch
    from ui.commands.main import build

    build(Launch(open_house, desk, _worker, upgrade, current, WORKER_NAMES, _load_samples))()


def _worker(doors: Doors, *, only: tuple[str, ...] = ()) -> Any:
    from tasks.worker import Worker

    return Worker(doors.settings, doors.db, doors.box, only=only)


def _load_samples(doors: Doors) -> int:
    from domain.desk.demo import load as play
    from tasks.tell import tell

    return play(doors.db, doors.box, doors.facts.expire, tell)


if __name__ == '__main__':
    main()
