"""Secrets at rest: one Fernet key per installation, made at first start, and the hashes of keys and tokens."""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken

from domain.base.errors import Refusal
from domain.base.settings import Settings


class WrongKey(Refusal):
    """What is stored was encrypted with another SECRET_KEY."""

    status, code, title = 500, 'wrong_secret_key', 'Wrong secret key'


class SecretBox:
    """Encrypts provider credentials and signs what visitors carry (receipts, first-run code)."""

    def __init__(self, key: str) -> None:
        """`key` is any text of at least 32 characters; both working keys are derived from it."""
        if len(key) < 32:
            raise WrongKey('SECRET_KEY is too short: expected at least 32 characters, for example from `openssl rand -base64 32`.')
        self._fernet = Fernet(base64.urlsafe_b64encode(hashlib.sha256(b'leadkeeper:seal:' + key.encode()).digest()))
        self._signing = hashlib.sha256(b'leadkeeper:sign:' + key.encode()).digest()

    def seal(self, text: str) -> str:
        """Encrypt; the answer is ASCII and safe in a text column."""
        return self._fernet.encrypt(text.encode()).decode()

    def open(self, sealed: str) -> str:
        """Decrypt what `seal` made; raises WrongKey when another key made it."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise WrongKey(
                'A stored secret was encrypted with another SECRET_KEY. Start with the former key: nothing was changed.'
            ) from None

    def sign(self, text: str) -> str:
        """A 128-bit HMAC-SHA256 of the text, in hex."""
        return hmac.digest(self._signing, text.encode(), 'sha256').hex()[:32]

    def signed(self, text: str, signature: str) -> bool:
        """True when `signature` is ours for `text`; compares in constant time."""
        return hmac.compare_digest(self.sign(text).encode(), signature.encode())


def open_box(settings: Settings) -> SecretBox:
    """The installation's box: SECRET_KEY, or the key file in DATA_DIR (0600), made when it is not there."""
    if settings.secret_key:
        return SecretBox(settings.secret_key.get_secret_value())
    path = settings.data_dir / 'secret.key'
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _make_key(path)
    return SecretBox(path.read_text().strip())


def _make_key(path: Path) -> None:
    # Written beside and linked into place: of several processes that start at once exactly one key wins, and nobody reads half of it.
    draft = path.with_name(f'.{path.name}.{secrets.token_hex(8)}')  # containers on one volume may have the same process id
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, 'w') as file:
        file.write(secrets.token_urlsafe(48) + '\n')
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def token() -> str:
    """256 random bits for a cookie, key or link."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """How a random secret (never a password) is stored and looked up: SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()
