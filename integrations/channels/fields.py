"""What adapters say about the fields of a configuration that is wrong."""

from collections.abc import Callable, Mapping

from integrations.ports import BadField


def check_url(config: Mapping[str, str], secret: str, address: Callable[[str], None]) -> None:
    """Judge the field `url`, where there is one, with `address`; raises BadField with a sentence.

    An address of one's own needs a `secret` of one's own: the environment's is not sent to an address from the desk.
    """
    if not config.get('url'):
        return
    if not config.get(secret):
        raise BadField(secret, f'With an address of its own it needs the field "{secret}" too: the setting of that name is not sent there.')
    try:
        address(config['url'])
    except ValueError as refused:
        raise BadField('url', str(refused)) from None
