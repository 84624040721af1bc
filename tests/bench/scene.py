"""The program as real processes, for what `make bench` measures."""

import time
from typing import Any

from tests.chaos.judge import rows
from tests.mailserver import MailServer
from tests.processes import ADMIN_KEY, Houses, Running, request, run
from tests.receiver import Receiver
from tests.servers import Postgres, Redis


class Scene:
    """The program on one engine, with or without a destination or a mail account, and with the processes that way of running has."""

    def __init__(self, kind: str, receiver: Receiver | None = None, mail: MailServer | None = None) -> None:
        self.houses = Houses()
        self.data = self.houses.folder()
        self.servers: list[Postgres | Redis] = []
        try:
            self._open(kind, receiver, mail)
        except BaseException:
            self.close()
            raise

    def _open(self, kind: str, receiver: Receiver | None, mail: MailServer | None) -> None:
        env = {'SLACK_WEBHOOK_URL': receiver.slack_url, 'SLACK_RATE': '100000'} if receiver else {}
        if mail:
            env |= {'EMAIL_HOST': '127.0.0.1', 'EMAIL_PORT': str(mail.port), 'EMAIL_FROM': 'leads@example.com', 'EMAIL_RATE': '1000'}
        carries = receiver is not None or mail is not None
        env['LOG_LEVEL'] = 'warning'
        if kind == 'postgres':
            postgres, redis = Postgres(), Redis()
            self.servers += [postgres, redis]
            env |= {'DATABASE_URL': postgres.create(), 'REDIS_URL': redis.url}
        self.database = env.get('DATABASE_URL', f'sqlite:///{self.data / "leadkeeper.sqlite3"}')
        migrated = run('migrate', data_dir=self.data, env=env)
        assert migrated.returncode == 0, migrated.stdout + migrated.stderr
        embedded = kind == 'sqlite' and carries
        self.door: Running = self.houses.start('serve' if embedded else 'api', data_dir=self.data, env=env).ready()
        if kind == 'postgres' and carries:
            self.houses.start('worker', data_dir=self.data, env=env).ready()

    def post(self, number: int) -> Any:
        """One lead of a person whose number no round uses."""
        body = {'name': f'Idle {number}', 'email': f'idle-{number}-{time.monotonic_ns()}@example.com', 'message': 'Please call me.'}
        return request('POST', f'{self.door.url}/api/chatbot/leads', body, key=ADMIN_KEY)

    def leads(self) -> int:
        """How many leads the database holds, asked directly."""
        return int(rows(self.database, 'select count(*) from leads')[0][0])

    def close(self) -> None:
        """Stop the processes, then the servers."""
        for process in self.houses.running:
            process.terminate()
        self.houses.close()
        for server in self.servers:
            server.close()
