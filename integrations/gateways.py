"""Gateways: addresses from the settings that stand in for a provider's own one, for tests and for networks that let out only so."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from integrations.ports import Answer, Client


class Gateways:
    """A client that calls the stand-in wherever a provider is meant; scheme and host change, the path stays."""

    def __init__(self, client: Client, instead: Mapping[str, str]) -> None:
        """`instead` maps an origin such as https://api.telegram.org to the address from the environment that replaces it."""
        self._client = client
        self._instead = {f'{origin}/': _origin(address) for origin, address in instead.items()}

    def post(self, url: str, *, headers: Mapping[str, str], content: bytes, trusted: bool) -> Answer:
        """As Client.post; a stand-in is trusted, as it comes from the environment."""
        for origin, address in self._instead.items():
            if url.startswith(origin):
                return self._client.post(address + url[len(origin) :], headers=headers, content=content, trusted=True)
        return self._client.post(url, headers=headers, content=content, trusted=trusted)


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f'{parts.scheme}://{parts.netloc}/'
