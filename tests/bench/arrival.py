"""How soon a customer has the message that a sequence sends at arrival: from the POST to the mail server that took the letter."""

import time
from typing import Any

from tests.bench.measure import quantiles
from tests.bench.scene import Scene
from tests.mailserver import MailServer, mail_server
from tests.processes import ADMIN_KEY, request

LEADS = 20
BAR = 30_000  # milliseconds, p95
# The link goes with it from the day that the desk has one to give.
WORDS = 'Hello {{ lead.first_name }}, we have your message.{% if chat_link %} Talk to us: {{ chat_link }}{% endif %}'


def measure(kind: str) -> dict[str, Any]:
    """Twenty leads, one at a time into an idle desk with one sequence; milliseconds until each letter was taken."""
    with mail_server() as mail:
        scene = Scene(kind, mail=mail)
        try:
            _switch_on(scene)
            took = [_one(scene, mail, number) for number in range(LEADS)]
            return {'name': 'embedded' if kind == 'sqlite' else 'scaled', 'leads': LEADS, **quantiles('letter', took)}
        finally:
            scene.close()


def table(results: list[dict[str, Any]]) -> list[str]:
    """The figures as the lines of a Markdown table."""
    lines = ['| arrival message, idle desk | leads | POST to mail server p50 / p95 / p99 |', '|---|---|---|']
    return lines + [
        f'| {row["name"]} | {row["leads"]} | {row["letter_p50_ms"]} / {row["letter_p95_ms"]} / {row["letter_p99_ms"]} |' for row in results
    ]


def missed(results: list[dict[str, Any]]) -> list[str]:
    """What is over the bar, in sentences."""
    late = [row for row in results if row['letter_p95_ms'] > BAR]
    return [f'{row["name"]}: p95 of the arrival message is {row["letter_p95_ms"]} ms, the bar is {BAR}' for row in late]


def _switch_on(scene: Scene) -> None:
    """A sequence whose first step runs at arrival."""
    words = {'name': 'Welcome', 'subject': 'Your message', 'body': WORDS}
    template = request('POST', f'{scene.door.url}/api/v1/templates', words, key=ADMIN_KEY)
    assert template.status == 201, template.body
    step = {'afterHours': 0, 'channel': 'email', 'templateId': template.json['id']}
    made = request('POST', f'{scene.door.url}/api/v1/sequences', {'name': 'Welcome', 'steps': [step], 'enabled': True}, key=ADMIN_KEY)
    assert made.status == 201, made.body


def _one(scene: Scene, mail: MailServer, number: int) -> float:
    """Seconds from sending the lead until the mail server had taken its letter."""
    seen, sent = len(mail.taken), time.monotonic()
    posted = scene.post(number)
    assert posted.status == 201, posted.body
    letter = mail.wait(seen + 1, seconds=60)[seen]
    assert letter.text.startswith('Hello Idle, we have your message.'), letter.text
    return letter.at - sent
