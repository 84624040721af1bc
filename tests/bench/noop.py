"""The yardstick: a FastAPI route with intake's own model that stores nothing, under the same uvicorn flags as the program."""

import sys

import uvicorn
from fastapi import FastAPI

from domain.intake.messages import ChatbotLead


def build() -> FastAPI:
    """One route that parses, validates and answers in the shape intake does."""
    fast = FastAPI()

    @fast.post('/api/chatbot/leads', status_code=201)
    async def take(body: ChatbotLead) -> dict[str, object]:
        return {
            'leadId': '0190f5e2-0000-7000-8000-000000000000',
            'conversationId': '0190f5e2-0000-7000-8000-000000000001',
            'eventId': '0190f5e2-0000-7000-8000-000000000002',
            'receiptId': '0190f5e2-0000-7000-8000-000000000003',
            'quality': 'cold' if body.name else 'warm',
            'slaDeadline': '2026-11-22T12:00:00Z',
            'duplicate': False,
        }

    @fast.get('/ready')
    async def ready() -> dict[str, str]:
        return {'status': 'ready'}

    return fast


def main() -> None:
    """Serve on the given port, with the flags of ui/commands/launch.py."""
    uvicorn.run(
        build(),
        host='127.0.0.1',
        port=int(sys.argv[1]),
        loop='uvloop',
        http='httptools',
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
    )


if __name__ == '__main__':
    main()
