"""A sender that hangs up in the middle of its own body: nothing is stored, nobody is answered, nothing is logged as an accident."""

from typing import Any

import pytest
from starlette.types import Message

from tests.routes.house import INTAKE, House, lead


@pytest.mark.parametrize('path', [INTAKE[0], '/api/intake/contact'])
def test_hanging_up_is_no_accident(small_house: House, path: str, capsys: pytest.CaptureFixture[str]) -> None:
    sent: list[Message] = []
    incoming: list[Message] = [{'type': 'http.request', 'body': b'{"email":', 'more_body': True}, {'type': 'http.disconnect'}]

    async def receive() -> Message:
        return incoming.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    headers = [(name.lower().encode(), value.encode()) for name, value in lead({})['headers'].items()]
    scope: dict[str, Any] = {
        'type': 'http',
        'method': 'POST',
        'path': path,
        'raw_path': path.encode(),
        'query_string': b'',
        'headers': headers,
        'client': ('127.0.0.1', 1),
        'server': ('127.0.0.1', 8080),
        'scheme': 'http',
        'http_version': '1.1',
    }
    small_house.run(small_house.fast(scope, receive, send))
    assert sent == []
    assert 'request_failed' not in ''.join(capsys.readouterr())
    assert small_house.count('submissions') == 0
