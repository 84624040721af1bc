"""Two leads that are one person become one, and two again where that was a mistake.

Nothing is moved: what belongs to the merged lead stays its own and is read through `leads.queries.family`. So an undo has only the
columns to set back that the merge wrote, and they are kept with the merge.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import Session, col, select

from domain.access.rules import Permission, require
from domain.base.clock import now
from domain.base.db import ring
from domain.base.errors import Conflict, FieldError, Invalid, NotFound
from domain.base.events import EventType
from domain.base.ids import short
from domain.base.scope import Actor, ActorType, Scope
from domain.conversations.models import Conversation, Message
from domain.desk.merge_plan import TIMING, Half, plan
from domain.leads.changing import CLOCKS, Held, hold, plain, tell
from domain.leads.clocking import follow
from domain.leads.models import LeadIdentity, LeadMerge, Quality, Stage, Status
from domain.leads.queries import family
from domain.leads.rules import normal_email, normal_phone
from domain.sla.actions import arm
from domain.sla.models import CountedTime, SlaClock
from domain.tenancy.queries import tenant
from domain.timeline.actions import write
from domain.timeline.models import EntryType, TimelineEntry

# Changed by the daily work with a lead: what has become of them since stays.
_SOFT = frozenset({'unread', 'next_at', 'last_message', 'possible_duplicates'})
_TOLD = frozenset({'warned_at', 'breached_at', 'escalated_at', 'fires_at'})  # of a clock: what its alarms write
_WORDS: Mapping[str, type] = {'quality': Quality, 'status': Status, 'stage': Stage, **{f'{name}.clock': CountedTime for name in CLOCKS}}
_SAID = {'facts': 'details', 'owner_id': 'owner', 'email': 'e-mail', 'quality_points': 'quality', 'quality_reason': 'quality'}


def merge(session: Session, actor: Actor, kept_id: UUID, merged_id: UUID) -> UUID:
    """Make the second lead part of the first; gives back the id of the merge, to undo it with.

    Raises NotFound, Invalid for one and the same lead, or Conflict when one of them is part of another lead already.
    """
    require(actor, Permission.LEADS_WRITE)
    if kept_id == merged_id:
        raise Invalid('A lead cannot be merged with itself.', errors=[FieldError('leadId', 'is the same lead')])
    by_id = {each.lead.id: each for each in hold(session, actor, (kept_id, merged_id))}
    kept, merged = by_id[kept_id], by_id[merged_id]
    moment = now()
    row = LeadMerge(tenant_id=actor.tenant_id, kept_id=kept_id, merged_id=merged_id, by_id=actor.id, by_name=_by(actor), at=moment)
    newer = newer_words(session, actor.scope, kept_id, merged_id)
    wanted = plan(_half(kept), _half(merged), moment, newer_words=newer)
    if kept.clock is None and merged.clock is not None:
        _hand_clock(session, merged, kept)
        row.before = {'handed': _columns(kept.clock)}
    made = _make_clocks(session, kept, merged, wanted)
    for name, value in wanted.items():
        kept.set(name, value)
    follow(kept, moment)
    merged.set('merged_into', kept_id)
    merged.set('possible_duplicates', [twin for twin in merged.lead.possible_duplicates if twin != kept_id.hex])
    merged.set('unread', False)
    for name, clock in merged.clocks():
        if clock.runs:
            merged.set(f'{name}.stopped_at', moment)
    facts = {'mergeId': str(row.id), 'mergedId': str(merged_id), 'keptId': str(kept_id)}
    _tell_merged(session, actor, merged, f'Merged into L-{short(kept_id)}', facts)
    tell(session, actor, kept, EventType.LEAD_MERGED, (EntryType.MERGED, f'L-{short(merged_id)} merged into this lead', ''), facts=facts)
    noted = {name: values for name, values in _noted(kept).items() if name.partition('.')[0] not in made}
    row.before = {**row.before, 'made': made, 'kept': noted, 'merged': _noted(merged)}  # with what telling it changed: the next date
    session.add(row)
    session.flush()
    return row.id


def unmerge(session: Session, actor: Actor, merge_id: UUID) -> None:
    """Make two leads of them again, both as they were; what was said and done on the kept lead since stays with it.

    Raises NotFound, or Conflict, and changes nothing, where they cannot become what they were.
    """
    require(actor, Permission.LEADS_WRITE)
    row = session.exec(select(LeadMerge).where(LeadMerge.tenant_id == actor.tenant_id, LeadMerge.id == merge_id).with_for_update()).first()
    if row is None:
        raise NotFound('There is no such merge.')
    by_id = {each.lead.id: each for each in hold(session, actor, (row.kept_id, row.merged_id), merged=True)}
    kept, merged = by_id[row.kept_id], by_id[row.merged_id]
    _check(session, actor, row, kept, merged)
    if 'handed' in row.before:
        _hand_clock(session, kept, merged)
    _unmake_clocks(session, kept, row.before.get('made', ()))
    for each, noted in ((kept, row.before['kept']), (merged, row.before['merged'])):
        for name, (old, new) in noted.items():
            _set_back(each, name, _valued(name, old), _valued(name, new))
    row.undone_at = now()
    session.add(row)
    facts = {'mergeId': str(row.id), 'mergedId': str(row.merged_id), 'keptId': str(row.kept_id)}
    apart = f'L-{short(row.merged_id)} is a lead of its own again'
    tell(session, actor, kept, EventType.LEAD_UPDATED, (EntryType.MERGED, apart, ''), facts=facts)
    back = f'No longer merged into L-{short(row.kept_id)}'
    tell(session, actor, merged, EventType.LEAD_UPDATED, (EntryType.MERGED, back, ''), facts=facts)


def newer_words(session: Session, scope: Scope, kept_id: UUID, merged_id: UUID) -> bool:
    """Whether the latest message of the second is younger than that of the first."""
    first, second = (_last_word(session, scope, lead_id) for lead_id in (kept_id, merged_id))
    return second is not None and (first is None or second > first)


def _last_word(session: Session, scope: Scope, lead_id: UUID) -> datetime | None:
    query = select(sa.func.max(Message.created_at)).join(Conversation, col(Conversation.id) == col(Message.conversation_id))
    return session.exec(
        query.where(Message.tenant_id == scope.tenant_id, col(Conversation.lead_id).in_(family(session, scope, lead_id)))
    ).first()


def _check(session: Session, actor: Actor, row: LeadMerge, kept: Held, merged: Held) -> None:
    """Raises Conflict where the two cannot become what they were."""
    if row.undone_at is not None or merged.lead.merged_into != kept.lead.id:
        raise Conflict('This merge was undone already.')
    if kept.lead.merged_into is not None:
        raise Conflict(f'L-{short(kept.lead.id)} is itself part of L-{short(kept.lead.merged_into)} now; undo that merge first.')
    for each, noted in ((kept, row.before['kept']), (merged, row.before['merged'])):
        for name, (old, new) in noted.items():
            if not _soft(name) and each.value(name) not in (_valued(name, old), _valued(name, new)):
                raise Conflict(_changed(name, each))
    if 'handed' in row.before and (kept.clock is None or _timing(_columns(kept.clock)) != _timing(row.before['handed'])):
        raise Conflict(_changed('clock.', kept))
    if _wrote_since(session, actor, row):
        raise Conflict(
            f'Somebody wrote through an address of L-{short(row.merged_id)} since the merge, and the words are with'
            f' L-{short(row.kept_id)} now. They cannot be told apart any more; nothing was undone.'
        )


def _soft(name: str) -> bool:
    return name in _SOFT or ('.' in name and name.partition('.')[2] in _TOLD)


def _timing(columns: Mapping[str, Any]) -> dict[str, Any]:
    """Without what alarms write."""
    return {name: value for name, value in columns.items() if name not in _TOLD}


def _changed(name: str, each: Held) -> str:
    what = 'deadline' if '.' in name else _SAID.get(name, name.replace('_', ' '))
    return f'The {what} of L-{short(each.lead.id)} was changed after the merge; undoing it would overwrite that. Nothing was undone.'


def _wrote_since(session: Session, actor: Actor, row: LeadMerge) -> bool:
    """Whether the kept lead heard, after the merge, from an address or number of the merged one."""
    entries = session.exec(
        select(TimelineEntry).where(
            TimelineEntry.tenant_id == actor.tenant_id,
            TimelineEntry.lead_id == row.kept_id,
            TimelineEntry.event_type == EntryType.MESSAGE,
            TimelineEntry.actor_type == ActorType.CUSTOMER,
            col(TimelineEntry.at) >= row.at,
        )
    ).all()
    if not entries:
        return False
    region = tenant(session, actor.tenant_id).phone_region
    ids = family(session, actor.scope, row.merged_id)
    rows = session.exec(select(LeadIdentity).where(LeadIdentity.tenant_id == actor.tenant_id, col(LeadIdentity.lead_id).in_(ids)))
    theirs = {identity.value for identity in rows}
    return any(theirs & _recognised(entry.facts.get('typed') or {}, region) for entry in entries)


def _recognised(typed: Mapping[str, str], region: str) -> set[str]:
    """What somebody typed, as people are recognised by it."""
    out = set()
    for name, normal in (('email', normal_email), ('phone', lambda text: normal_phone(text, region))):
        try:
            out.add(normal(typed.get(name, '')))
        except ValueError:
            continue
    return out


def _set_back(each: Held, name: str, old: Any, new: Any) -> None:
    """What the merge wrote becomes what it was, unless daily work has changed it since."""
    current = each.value(name)
    if current == new:
        each.set(name, old)
    elif name == 'possible_duplicates':
        each.set(name, [*current, *(twin for twin in old if twin not in current and twin not in new)])


def _hand_clock(session: Session, giver: Held, taker: Held) -> None:
    """A lead without a clock of its own takes the other's."""
    clock = giver.clock
    assert clock is not None  # the caller looked
    giver.clock, taker.clock = None, clock
    clock.lead_id = taker.lead.id
    session.add(clock)
    session.flush()


def _half(held: Held) -> Half:
    """This lead as the law of merging takes it."""
    return Half(held.lead, {CLOCKS[name]: clock for name, clock in held.clocks()}, held.calendar)


def _make_clocks(session: Session, kept: Held, merged: Held, wanted: Mapping[str, Any]) -> list[str]:
    """Clocks of the kinds that the kept lead lacks and takes from the other; gives back their names, for an undo takes them away."""
    own, made = dict(kept.clocks()), []
    for name, theirs in merged.clocks():
        if name not in own and f'{name}.due_at' in wanted:
            columns = theirs.model_dump(include={'tenant_id', 'conversation_id', 'kind', *TIMING})
            clock = kept.others[CLOCKS[name]] = SlaClock(lead_id=kept.lead.id, **columns)
            arm(clock)
            session.add(clock)
            made.append(name)
    return made


def _unmake_clocks(session: Session, kept: Held, made: Iterable[str]) -> None:
    """What the merge made goes; what was answered since, or was stopped, is what was done and stays."""
    for name in made:
        clock = kept.others.get(CLOCKS[name])
        if clock is not None and clock.runs:
            del kept.others[CLOCKS[name]]
            session.delete(clock)
    session.flush()


def _tell_merged(session: Session, actor: Actor, merged: Held, title: str, facts: dict[str, Any]) -> None:
    """The merged lead's own timeline says where it went; no event, and no sequence number: it is in no list any more."""
    merged.regroup()
    merged.lead.changed_at = now()
    session.add(merged.lead)
    for _, clock in merged.clocks():
        arm(clock)
        session.add(clock)
    write(session, actor, merged.lead.id, EntryType.MERGED, title, facts=facts)
    ring(session, 'lead', actor.tenant_id, merged.lead.id)


def _noted(each: Held) -> dict[str, list[Any]]:
    return {name: [plain(each.before[name]), plain(each.after[name])] for name in each.after}


def _columns(clock: SlaClock | None) -> dict[str, Any]:
    return {name: plain(value) for name, value in clock.model_dump().items() if name != 'lead_id'} if clock else {}


def _valued(name: str, value: Any) -> Any:
    """A column's value as it was noted, in its own type again."""
    if value is None:
        return None
    if name.endswith(('_at', '_until')):
        return datetime.fromisoformat(value)
    if name in ('owner_id', 'merged_into'):
        return UUID(value)
    return _WORDS[name](value) if name in _WORDS else value


def _by(actor: Actor) -> str:
    return '' if actor.id is None else actor.name[:200]
