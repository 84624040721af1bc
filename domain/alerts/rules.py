"""Laws of alerts: what a key says the alert is about, and which ones a look is enough for. Pure."""

from uuid import UUID

# A request of a person has no cause that could go away: it is over once somebody has seen it.
_OVER_WHEN_SEEN = ('access',)


def subject(key: str) -> tuple[str, UUID | None]:
    """What the alert is about, such as 'dead', 'destination' or 'quarantine', and of which row, where the key names one."""
    kind, _, rest = key.partition(':')
    try:
        return kind, UUID(rest.partition(':')[0])
    except ValueError:
        return kind, None


def over_when_seen(key: str) -> bool:
    """Whether acknowledging such an alert also closes it."""
    return subject(key)[0] in _OVER_WHEN_SEEN
