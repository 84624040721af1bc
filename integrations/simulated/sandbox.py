"""The sandbox: a signed webhook that ends in an imitated receiver, so that a delivery can be tried without anybody hearing of it."""

from collections.abc import Callable, Mapping

from integrations.channels import webhook

ADDRESS = 'simulated:'


def check(config: Mapping[str, str], address: Callable[[str], None]) -> None:
    """Raise ValueError with a sentence when it would lead out of this machine, or the signing secret is wrong."""
    if not config['url'].startswith(ADDRESS):
        raise ValueError(f'A sandbox has no web address: its url begins with {ADDRESS}')
    webhook.check(config, address)
