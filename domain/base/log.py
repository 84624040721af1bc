"""Logging: constant event names with keyword facts, one line each; secrets and addresses of people are masked on the way out."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from domain.base.settings import Settings

_SECRETS = (
    (re.compile(r'(?i)(bearer\s+|lkw?_)[A-Za-z0-9_\-.~+/=]{6,}'), r'\1…'),
    (re.compile(r'(https?://hooks\.[^\s/]+/)\S+'), r'\1…'),
    (re.compile(r'(?i)((?:password|secret|token|api[_-]?key|authorization)["\']?\s*[=:]\s*["\']?)[^\s"\',}]+'), r'\1…'),
    (re.compile(r'(/webhooks/\d+/)[A-Za-z0-9_\-]+'), r'\1…'),
    (re.compile(r'(\d{6,}:)[A-Za-z0-9_\-]{20,}'), r'\1…'),  # a Telegram bot, also as part of an address
    (re.compile(r'\b[A-Za-z0-9_\-]{20,}\.[A-Za-z0-9_\-]{5,7}\.[A-Za-z0-9_\-]{20,}'), '…'),  # a Discord bot
    (re.compile(r'(/calendar/)[A-Za-z0-9_\-]{6,}'), r'\1…'),
    (re.compile(r'://([^:/\s]+):[^@/\s]+@'), r'://\1:…@'),
    (re.compile(r'\b([A-Za-z0-9])[A-Za-z0-9._%+-]*@([A-Za-z0-9.-]+\.[A-Za-z]{2,})\b'), r'\1…@\2'),
    (re.compile(r'\+\d[\d ().-]{6,}\d'), '+…'),  # phone numbers as people write them; bare digits may be anything
    (re.compile(r'\(\d{2,5}\)[ .-]?\d[\d .-]{4,}\d'), '(…'),
)


def masked(text: str) -> str:
    """The text with keys, passwords, phone numbers and the local part of addresses replaced by an ellipsis."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


def _mask(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for name, value in event.items():
        if isinstance(value, str):
            event[name] = masked(value).replace('\r', '\\r').replace('\n', '\\n') if name != 'exception' else masked(value)
    return event


def configure(settings: Settings) -> None:
    """Route structlog and the standard library's logging to stderr, in the format and from the level of the settings."""
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt='iso', utc=True),
        structlog.processors.format_exc_info,
        _mask,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    json = settings.log_format == 'json'
    renderer = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level)
    for name, least in (
        ('huey', logging.WARNING),
        ('uvicorn.access', logging.WARNING),
        ('uvicorn.error', logging.WARNING),
        ('httpx', logging.WARNING),
        ('alembic', logging.WARNING),
        ('psycopg.pool', logging.ERROR),
    ):
        logging.getLogger(name).setLevel(max(least, settings.level))
