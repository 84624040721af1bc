"""Boot-time truth: every value the process reads from the environment or `.env`, checked before a port is opened."""

import ipaddress
import logging
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from limits import parse
from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from domain.base.errors import Refusal


def _limit(text: str) -> str:
    try:
        parse(text)
    except ValueError as trouble:
        raise ValueError('expected a count per time such as 30/minute') from trouble
    return text


def _network(text: str) -> str:
    ipaddress.ip_network(text, strict=False)
    return text


def _split(value: object) -> object:
    return [part.strip() for part in value.split(',') if part.strip()] if isinstance(value, str) else value


Limit = Annotated[str, AfterValidator(_limit)]
Networks = Annotated[tuple[Annotated[str, AfterValidator(_network)], ...], NoDecode]


# Kinds of destination that share the pace of another one: the same provider, or the same readers.
_RATES = {'slack_bot': 'slack', 'sendgrid': 'email', 'whatsapp': 'sms'}


class BadSettings(Refusal):
    """A setting has a value the desk cannot start with."""


class Settings(BaseSettings):
    """One frozen object; the README's settings table is compared with these fields by a test."""

    model_config = SettingsConfigDict(env_file='.env', frozen=True, extra='ignore', env_ignore_empty=True)

    # process
    host: str = '127.0.0.1'
    port: int = Field(8080, ge=1, le=65535)
    data_dir: Path = Field(default_factory=lambda: Path(platformdirs.user_data_dir('leadkeeper', appauthor=False)))
    secret_key: SecretStr | None = None
    trusted_proxies: Networks = ()
    public_url: str | None = None
    frontend_url: str | None = None
    log_level: Literal['debug', 'info', 'warning', 'error'] = 'info'
    log_format: Literal['console', 'json'] = 'console'
    admin_api_key: SecretStr | None = None
    outbound_allow: Networks = ()
    session_idle_minutes: int = Field(30, ge=1)
    session_hours: int = Field(12, ge=1)
    shutdown_seconds: int = Field(5, ge=1)
    keep_alive_seconds: int = Field(30, ge=1)
    reconnect_seconds: int = Field(10, ge=1)

    # stores
    database_url: str | None = None
    db_pool_size: int = Field(8, ge=1, le=100)
    db_timeout_seconds: float = Field(5, gt=0)
    redis_url: SecretStr | None = None
    queue_backend: Literal['auto', 'memory', 'redis'] = 'auto'

    # notify
    slack_webhook_url: SecretStr | None = None
    slack_bot_token: SecretStr | None = None
    slack_channel: str | None = None
    slack_api_url: str = 'https://slack.com'
    slack_rate: float = Field(1, gt=0)
    email_host: str | None = None
    email_port: int = Field(587, ge=1, le=65535)
    email_user: str | None = None
    email_pass: SecretStr | None = None
    email_from: str | None = None
    email_to: str | None = None
    sendgrid_api_key: SecretStr | None = None
    sendgrid_api_url: str = 'https://api.sendgrid.com'
    email_rate: float = Field(5, gt=0)
    discord_webhook_url: SecretStr | None = None
    discord_bot_token: SecretStr | None = None
    discord_channel_id: str | None = None
    discord_api_url: str | None = None
    discord_rate: float = Field(1, gt=0)
    telegram_bot_token: SecretStr | None = None
    telegram_chat_id: str | None = None
    telegram_api_url: str | None = None
    telegram_rate: float = Field(1, gt=0)
    twilio_account_sid: str | None = None
    twilio_auth_token: SecretStr | None = None
    twilio_from: str | None = None
    twilio_to: str | None = None
    twilio_api_url: str = 'https://api.twilio.com'
    sms_rate: float = Field(1, gt=0)
    webhook_rate: float = Field(50, gt=0)

    # workers
    enable_notification_worker: bool = True
    worker_threads: int = Field(16, ge=1, le=256)
    chat_queue_interval_ms: int = Field(1000, ge=50)
    lease_seconds: int = Field(60, ge=2)
    delivery_timeout_seconds: float = Field(15, gt=0)
    connect_timeout_seconds: float = Field(3, gt=0)
    expire_hours: int = Field(72, ge=1)

    # limits
    rate_limit_intake: Limit = '30/minute'
    rate_limit_widget: Limit = '600/minute'
    rate_limit_desk: Limit = '600/minute'
    rate_limit_login: Limit = '10/5 minutes'
    rate_limit_login_account: Limit = '10/15 minutes'

    # flags: the first value only; afterwards the row decides
    feature_whatsapp_enabled: bool = False
    feature_crm_enabled: bool = False
    feature_sms_enabled: bool = False

    _split_lists = field_validator('trusted_proxies', 'outbound_allow', mode='before')(_split)

    @field_validator('public_url', 'frontend_url', 'discord_api_url', 'telegram_api_url')
    @classmethod
    def _web_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(('http://', 'https://')):
            raise ValueError('expected an address that begins with https:// or http://')
        return value.rstrip('/') if value else None

    @field_validator('slack_api_url', 'sendgrid_api_url', 'twilio_api_url')
    @classmethod
    def _provider_address(cls, value: str) -> str:
        if not value.startswith(('http://', 'https://')):
            raise ValueError('expected an address that begins with https:// or http://')
        return value.rstrip('/')

    @field_validator('database_url')
    @classmethod
    def _database(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(('sqlite:///', 'postgresql://', 'postgres://', 'postgresql+psycopg://')):
            raise ValueError('expected postgresql://user:password@host/name or sqlite:////path/to/file')
        return value.replace('postgres://', 'postgresql://', 1) if value and value.startswith('postgres://') else value

    @field_validator('admin_api_key')
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value()) < 16:
            raise ValueError('expected at least 16 characters')
        return value

    @property
    def url(self) -> str:
        """The database address; without DATABASE_URL a SQLite file in DATA_DIR."""
        return self.database_url or f'sqlite:///{self.data_dir / "leadkeeper.sqlite3"}'

    @property
    def queue(self) -> str:
        """'redis' or 'memory', with auto decided."""
        if self.queue_backend == 'auto':
            return 'redis' if self.redis_url else 'memory'
        return self.queue_backend

    @property
    def embedded(self) -> bool:
        """One machine, one SQLite file: intake without a key goes to the only tenant."""
        return self.url.startswith('sqlite')

    @property
    def loopback_only(self) -> bool:
        """Bound to this machine and nothing says that others reach it through a proxy."""
        return self.host in ('127.0.0.1', '::1', 'localhost') and not self.public_url and not self.trusted_proxies

    def rate(self, kind: str) -> float:
        """Messages a second a destination of this kind may send."""
        return float(getattr(self, f'{_RATES.get(kind, kind)}_rate', self.webhook_rate))

    @property
    def level(self) -> int:
        """LOG_LEVEL as the logging module counts it."""
        return logging.getLevelNamesMapping()[self.log_level.upper()]


def load(**overrides: Any) -> Settings:
    """Read the environment and `.env`; `overrides` win (command-line options).

    Raises BadSettings with one line per wrong setting: its name, what was expected, never a secret's value.
    """
    try:
        settings = Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as trouble:
        lines = [f'{str(e["loc"][0]).upper()}: {e["msg"]}' for e in trouble.errors(include_input=False)]
        raise BadSettings('Leadkeeper cannot start, these settings are wrong:\n  ' + '\n  '.join(lines)) from None
    if settings.queue == 'redis' and settings.redis_url is None:
        raise BadSettings('Leadkeeper cannot start, these settings are wrong:\n  QUEUE_BACKEND: redis needs REDIS_URL')
    return settings
