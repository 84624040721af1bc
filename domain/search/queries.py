"""Finding leads by whatever is known of them."""

from collections.abc import Callable, Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col

from domain.base.ids import short
from domain.base.scope import Scope
from domain.leads.models import Group, IdentityKind, Lead
from domain.leads.queries import by_identity, shown_clock
from domain.leads.rules import normal_email, normal_phone
from domain.search import rules
from domain.search.engines import matches
from domain.search.messages import Found, Hit
from domain.search.texts import LeadTexts, mine, region, texts
from domain.sla.models import SlaClock
from domain.tenancy.models import Location

_ENTRIES_READ = 2_000  # for the snippets of one answer

_Told = tuple[Found, str, tuple[tuple[int, int], ...]]  # where the words were found, in which piece of text, and where in it
_NAMED: _Told = (Found.NAME, '', ())


def search(session: Session, scope: Scope, text: str, *, limit: int = 20) -> list[Hit]:
    """The leads that fit: an exact reference, address or number first, then names, then all other words; of equals the newest first.

    Any text may be asked; one without letters and digits finds nothing. What was written since the index was last caught up is not
    found: see `indexing.catch_up`.
    """
    asked = rules.question(text)
    return _hits(session, scope, asked, _ids(session, scope, text, asked, limit))


def search_rows(session: Session, scope: Scope, text: str, limit: int = 200) -> list[UUID]:
    """The ids of the leads that `search` would find, in its order."""
    return _ids(session, scope, text, rules.question(text), limit)


def found_leads(session: Session, scope: Scope, text: str, limit: int) -> list[Lead]:
    """The leads that `search` would find, in its order."""
    ids = search_rows(session, scope, text, limit)
    rows = {lead.id: lead for lead in session.scalars(sa.select(Lead).where(mine(scope, ids), *_within(scope)))}
    return [rows[each] for each in ids if each in rows]


def _ids(session: Session, scope: Scope, text: str, asked: rules.Question, limit: int) -> list[UUID]:
    found: dict[UUID, None] = dict.fromkeys(_exact(session, scope, text, asked))
    for terms in (asked.named, asked.terms):
        if terms and len(found) < limit:
            found |= dict.fromkeys(matches(session, scope, terms, limit))
    return list(found)[:limit]


def _exact(session: Session, scope: Scope, text: str, asked: rules.Question) -> Iterable[UUID]:
    """Whom this very reference, address or number belongs to, as far as in scope."""
    found: list[UUID | None] = []
    if asked.reference:
        found += matches(session, scope, ((rules.Phrase((f'!{asked.reference}',)),),), 5)
    if '@' in text:
        found.append(_owner(session, scope, IdentityKind.EMAIL, lambda: normal_email(text)))
    elif not any(sign.isalpha() for sign in text) and len(rules.digits(text)) >= 6:
        found.append(_owner(session, scope, IdentityKind.PHONE, lambda: normal_phone(text, region(session, scope))))
    ids = [each for each in found if each]
    if not ids:
        return ids
    query = sa.select(col(Lead.id)).where(mine(scope, ids), *_within(scope))
    seen = set(session.scalars(query.where(col(Lead.inbox_group) != Group.MERGED)))
    return [each for each in ids if each in seen]


def _owner(session: Session, scope: Scope, kind: IdentityKind, value: Callable[[], str]) -> UUID | None:
    try:
        return by_identity(session, scope, kind, value())
    except ValueError:
        return None


def _within(scope: Scope) -> list[sa.ColumnElement[bool]]:
    return [] if scope.location_ids is None else [col(Lead.location_id).in_(scope.location_ids)]


def _hits(session: Session, scope: Scope, asked: rules.Question, ids: list[UUID]) -> list[Hit]:
    if not ids:
        return []
    query = (
        sa.select(Lead, SlaClock, col(Location.name))
        .join(SlaClock, shown_clock(), isouter=True)
        .join(Location, col(Location.id) == Lead.location_id)
        .where(mine(scope, ids), *_within(scope))
    )
    rows = {lead.id: (lead, clock, place) for lead, clock, place in session.execute(query)}
    unnamed = {lead.id: rest for lead, *_ in rows.values() if (rest := _unnamed(lead, asked))}
    said = texts(session, scope, [rows[each][0] for each in unnamed], most=_ENTRIES_READ)
    return [
        _hit(*rows[each], asked, _where(asked, unnamed[each], said[each]) if each in unnamed else _NAMED) for each in ids if each in rows
    ]


def _unnamed(lead: Lead, asked: rules.Question) -> tuple[rules.Term, ...]:
    """The terms that neither name nor reference answer."""
    if asked.reference == short(lead.id).lower():
        return ()
    return tuple(term for term in asked.terms if not any(rules.spans(lead.name, [phrase]) for phrase in term))


def _hit(lead: Lead, clock: SlaClock | None, place: str, asked: rules.Question, told: _Told) -> Hit:
    where, snippet, marks = told
    if asked.reference == short(lead.id).lower():
        where = Found.REFERENCE
    awaited = lead.inbox_group == Group.NEEDS_REPLY and clock is not None and clock.answered_at is None
    return Hit(
        lead_id=lead.id,
        reference=f'L-{short(lead.id)}',
        name=lead.name,
        quality=lead.quality,
        location=place,
        group=lead.inbox_group,
        status=lead.status,
        due_at=clock.due_at if clock and awaited else None,
        window_seconds=clock.window_seconds if clock else 0,
        answered=bool(clock and clock.answered_at),
        field=where,
        name_marks=tuple(rules.spans(lead.name, asked.phrases)),
        snippet=snippet,
        marks=marks,
    )


def _where(asked: rules.Question, unnamed: tuple[rules.Term, ...], said: LeadTexts) -> _Told:
    """The text that holds the most of what the name does not, and where in it."""
    for phone in said.phones:
        if at := rules.phone_span(phone, asked.phrases):
            return Found.PHONE, phone, (at,)
    best: tuple[int, Found, str] = (0, Found.NAME, '')
    for where, candidates in ((Found.EMAIL, said.emails), (Found.DETAILS, said.details), (Found.TIMELINE, said.said)):
        for text in candidates:
            held = sum(any(rules.spans(text, [phrase]) for phrase in term) for term in unnamed)
            if held > best[0]:
                best = (held, where, text)
    if not best[0]:
        return _NAMED
    return best[1], *rules.excerpt(best[2], rules.spans(best[2], asked.phrases))
