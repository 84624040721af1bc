"""What may come in: the bodies of the intake routes, checked and cleaned, and the answer."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel

from domain.leads.models import Quality

_LINE = re.compile('[\x00-\x1f\x7f-\x9f]')
_TEXT = re.compile('[\x00-\x08\x0b-\x1f\x7f-\x9f]')

MESSAGE_LIMIT = 10_000


def line(text: str) -> str:
    """The text without control characters (Unicode category Cc), line breaks included; nothing else is changed."""
    return _LINE.sub('', text)


def text(text: str) -> str:
    """The text without control characters but line feed and tab."""
    return _TEXT.sub('', text)


def _spoken(value: object) -> object:
    """A transcript is a list of {role, content} or of plain lines."""
    if isinstance(value, list):
        return [item if isinstance(item, dict) else {'role': 'user', 'content': item} for item in value]
    return value


def _absent(value: object) -> object:
    return '' if value is None else value


def _nothing(value: object) -> object:
    return {} if value is None else value


Short = Annotated[str, BeforeValidator(_absent), AfterValidator(line), Field(max_length=300)]
Tag = Annotated[str, BeforeValidator(_absent), AfterValidator(line), Field(max_length=2000)]
Long = Annotated[str, BeforeValidator(_absent), AfterValidator(text), Field(max_length=MESSAGE_LIMIT)]
Address = Annotated[str, BeforeValidator(_absent), AfterValidator(line), Field(max_length=320)]
Number = Annotated[str, BeforeValidator(_absent), AfterValidator(line), Field(max_length=64)]


class _Body(BaseModel):
    """Numbers may come as text; unknown fields stay in the receipt and go nowhere else."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, extra='ignore', coerce_numbers_to_str=True, str_max_length=64_000
    )


class Metadata(_Body):
    """Where the visitor came from."""

    utm_source: Tag = ''
    utm_medium: Tag = ''
    utm_campaign: Tag = ''
    utm_term: Tag = ''
    utm_content: Tag = ''
    referrer: Tag = ''
    device: Tag = ''
    country: Tag = ''
    landing_page: Tag = ''


class Spoken(_Body):
    """One line of a chat transcript."""

    role: Short = 'user'
    content: Long = ''


class Vehicle(_Body):
    """What stands in the yard."""

    year: Short = ''
    make: Short = ''
    model: Short = ''
    size: Short = ''


class Contact(_Body):
    """What all leads have: who it is and how to reach them."""

    source: ClassVar[str] = 'contact form'
    route: ClassVar[str] = 'contact'

    name: Short = ''
    email: Address = ''
    phone: Number = ''
    message: Long = ''
    metadata: Annotated[Metadata, BeforeValidator(_nothing)] = Field(default_factory=Metadata)
    quality: Short = ''  # counts only from an API key with scope leads

    @model_validator(mode='after')
    def _reachable(self) -> Self:
        if not self.email.strip() and not self.phone.strip():
            raise ValueError('give at least one of email and phone, so that somebody can answer')
        return self

    def words(self) -> str:
        """What the customer wrote, all of it."""
        return self.message

    def facts(self) -> dict[str, Any]:
        """What else is known, without empty values."""
        return {}


class ContactMessage(Contact):
    """POST /api/submit-contact, and the forms a tenant defines."""

    subject: Short = ''

    def words(self) -> str:
        return f'{self.subject}\n\n{self.message}' if self.subject and self.message else self.subject or self.message

    def facts(self) -> dict[str, Any]:
        return _known(subject=self.subject)


class ChatbotLead(Contact):
    """POST /api/chatbot/leads."""

    source: ClassVar[str] = 'website chat'
    route: ClassVar[str] = 'chatbot'

    transcript: Annotated[list[Spoken], BeforeValidator(_spoken)] = Field(default_factory=list, max_length=200)
    intent: Short = ''
    budget: Short = ''
    timeframe: Short = ''
    service: Short = ''
    vehicle: Vehicle | Short = ''

    def words(self) -> str:
        spoken = '\n'.join(f'{part.role}: {part.content}' if part.role != 'user' else part.content for part in self.transcript)
        return '\n\n'.join(part for part in (self.message, spoken) if part)

    def facts(self) -> dict[str, Any]:
        vehicle = self.vehicle.model_dump(exclude_defaults=True) if isinstance(self.vehicle, Vehicle) else self.vehicle
        return _known(intent=self.intent, budget=self.budget, timeframe=self.timeframe, service=self.service, vehicle=vehicle)


class PropertyInquiry(Contact):
    """POST /api/property-inquiry."""

    source: ClassVar[str] = 'property inquiry'
    route: ClassVar[str] = 'property'

    property_id: Short = ''
    property_title: Short = ''
    property_url: Tag = ''

    def facts(self) -> dict[str, Any]:
        return _known(propertyId=self.property_id, propertyTitle=self.property_title, propertyUrl=self.property_url)


def _known(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Arrival:
    """The outside of a submission: the bytes as they came, and from where."""

    raw: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)
    address_hash: str = ''
    key: str | None = None  # Idempotency-Key


@dataclass(frozen=True, slots=True)
class Submission:
    """One checked submission, ready to be kept."""

    body: Contact
    arrival: Arrival
    route: str
    email: str  # as recognised, '' when none
    phone: str  # E.164, bare digits, or ''
    quality: Quality | None = None  # decided by the sender, who may

    def body_hash(self) -> str:
        """SHA-256 of the checked body: in the order of the model's fields, whatever their order and the white space were."""
        return hashlib.sha256(self.body.model_dump_json().encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Captured:
    """The answer: its JSON text (the same bytes for every replay), and whether it was given before."""

    text: str
    replayed: bool = False
    lead_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReceiptView:
    """All that a receipt tells its holder."""

    kept: bool
    at: datetime


class Correction(BaseModel):
    """What a person wrote in place of what could not be read; None: as it came."""

    model_config = ConfigDict(extra='forbid', frozen=True)

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Released:
    """Where a submission went that had waited in the quarantine."""

    lead_id: UUID
    event_id: UUID
    outcome: str  # 'created', or 'resubmitted' when the person was known
