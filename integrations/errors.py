"""What can go wrong with an outside service, in the classes that decide what happens to the row.

Every adapter turns its provider's answers into one of these; the outbox knows nothing finer.
`detail` is a sentence for people: what answered, with what, and what to do. `excerpt` is at most 2 kB of the answer, secrets removed.
"""


class ProviderError(Exception):
    """Base of all answers that are not a success."""

    name = 'error'

    def __init__(self, detail: str, *, status: int | None = None, excerpt: str = '') -> None:
        super().__init__(detail)
        self.detail = detail
        self.status = status
        self.excerpt = excerpt[:2000]


class Temporary(ProviderError):
    """It did not work and surely had no effect: connection refused, DNS, TLS, 408, 5xx, 3xx. Try again along the ladder."""

    name = 'temporary'


class Throttled(ProviderError):
    """The provider said when to come back (429, or 503 with Retry-After). Wait that long; no attempt is burnt."""

    name = 'throttled'

    def __init__(self, detail: str, *, retry_after: float, status: int | None = None, excerpt: str = '') -> None:
        super().__init__(detail, status=status, excerpt=excerpt)
        self.retry_after = retry_after  # seconds


class Misconfigured(ProviderError):
    """The destination itself is wrong (401, 403, 404, 410): pause it, tell somebody, burn no attempt."""

    name = 'misconfigured'


class Permanent(ProviderError):
    """This message will never be taken (400, 413, 422, Slack's ok: false): dead, with the reason."""

    name = 'permanent'


class Unknown(ProviderError):
    """The request went out and no answer came (timeout, reset, deadline): it may or may not have had its effect."""

    name = 'unknown'
