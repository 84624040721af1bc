"""What the desk asks of the outside world, as Protocols, and the plain values that cross the border."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from domain.base.events import Letter


@dataclass(frozen=True, slots=True)
class Proof:
    """What a provider gave back when it took a letter: its own reference, and a short excerpt for the record (<= 2 kB)."""

    reference: str = ''
    status: int | None = None
    excerpt: str = ''


@dataclass(frozen=True, slots=True)
class Answer:
    """What an HTTP service said: status, headers by lower-case name (the first of each), and its text as far as the size cap allows.

    `complete` is false when the connection broke, or the deadline passed, after the status had come.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    text: str = ''
    complete: bool = True


class Post(Protocol):
    """The wire of one adapter: the real client bound to a destination's trust, or an imitated receiver."""

    def __call__(self, url: str, *, headers: Mapping[str, str], content: bytes) -> Answer:
        """Send one POST and give back the answer, whatever its status; raises Temporary, Misconfigured or Unknown without one."""
        ...


class Client(Protocol):
    """What the registry needs of the HTTP client, and of the SMTP client."""

    def post(self, url: str, *, headers: Mapping[str, str], content: bytes, trusted: bool) -> Answer:
        """As Post; `trusted` says that the address comes from the environment."""
        ...


class Notifier(Protocol):
    """Tells one destination one thing.

    `send` returns when the provider has taken the letter, and raises one of `integrations.errors` otherwise; it never
    retries, never follows redirects and never takes longer than the deadline of the client it was made with.
    Sending a letter with the same key twice has one effect where `keyed` is true.
    """

    keyed: bool  # the provider deduplicates by Letter.key
    costly: bool  # an unknown outcome is held for a person to decide, never repeated

    def send(self, letter: Letter) -> Proof:
        """Hand the letter over, or raise Temporary, Throttled, Misconfigured, Permanent or Unknown."""
        ...


class BadField(ValueError):
    """One field of a configuration is wrong; `field` names it, and the words are for whoever entered it."""

    def __init__(self, field: str, words: str) -> None:
        super().__init__(words)
        self.field = field


@dataclass(frozen=True, slots=True)
class Channel:
    """One line of the phone book: how a kind of destination is named, configured, built, imitated and shown.

    `fields` names the configuration keys and whether each is secret. `check(config, address)` raises ValueError with a sentence when a
    value is wrong; `address` is what judges its web addresses. `make(config, post)` builds the adapter on any wire; `twin(config)` gives
    the imitated receiver to use as that wire. `optional` are the fields that may be left out; `mail` says that the wire is SMTP.
    `icon` names a drawing of the desk's sprite; `words` say what the form calls a field and what to put into it. `settings` name the
    environment's setting for each field that may come from there. `origin` is scheme and host of a provider that has but one address; the
    setting KIND_API_URL, where there is one, stands in for it.
    """

    kind: str
    label: str
    fields: Mapping[str, bool]
    check: Callable[[Mapping[str, str], Callable[[str], None]], None]
    make: Callable[[Mapping[str, str], Post], Notifier]
    twin: Callable[[Mapping[str, str]], Post]
    optional: frozenset[str] = frozenset()
    mail: bool = False
    icon: str = 'plug'
    words: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    origin: str = ''
