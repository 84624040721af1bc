"""Who gets a lead, and why. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

from domain.assignment.messages import Candidate, Decision, Move, Verdict, Wish

NEVER = datetime.min.replace(tzinfo=UTC)
NAMED = 5  # people whom the sentence about a lead that nobody can take names one by one


def decide(wish: Wish, candidates: Sequence[Candidate]) -> Decision:
    """By location, then skills, whom it was taken from, presence and capacity; of those left, who waited longest for a lead.

    A skill counts where somebody of the desk has it: the lead waits for a person who knows it rather than go to one who does not.
    """
    turns = sorted(candidates, key=lambda each: (each.turn or NEVER, each.name.casefold(), str(each.id)))
    here = [each for each in turns if not each.location_ids or wish.location_id in each.location_ids]
    wanted = asked(wish, {skill for each in here for skill in each.skills})
    most = max((_known(each, wanted) for each in here), default=0)
    verdicts = tuple(_judge(wish, each, wanted, most) for each in turns)
    taker = next((verdict.candidate for verdict in verdicts if verdict.fits), None)
    if taker is None:
        return Decision(None, _nobody(verdicts), verdicts)
    others = sum(verdict.fits for verdict in verdicts) - 1
    return Decision(taker, _somebody(wish, taker, wanted, others), verdicts)


def plan(wishes: Iterable[tuple[UUID, Wish]], candidates: Sequence[Candidate], moment: datetime) -> list[Move]:
    """Who gets which of these leads, in their order: each one given changes who is next. Leads that nobody can take are left out."""
    people = {each.id: each for each in candidates}
    moves: list[Move] = []
    for lead_id, wish in wishes:
        if overlook(people.values()):
            break
        taker = (decision := decide(wish, list(people.values()))).taker
        if taker:
            people[taker.id] = replace(taker, load=taker.load + 1, turn=moment + timedelta(microseconds=len(moves)))
            moves.append(Move(lead_id, taker, decision.why))
    return moves


def overlook(candidates: Iterable[Candidate]) -> bool:
    """Whether nobody could take any lead at all: all are away or have as many as they can."""
    return not any(each.present and (each.capacity is None or each.load < each.capacity) for each in candidates)


def asked(wish: Wish, skills: Iterable[str]) -> tuple[str, ...]:
    """The skills that this lead asks for: those among its tags, or whole words of the service; capitals or not."""
    tags = {tag.casefold() for tag in wish.tags}
    words = wish.words.casefold()
    by_name = {skill.casefold(): skill for skill in sorted(skills)}
    return tuple(
        by_name[name] for name in sorted(by_name) if name in tags or re.search(rf'(?<!\w){re.escape(name)}(?!\w)', words) is not None
    )


def _known(candidate: Candidate, wanted: Sequence[str]) -> int:
    own = {skill.casefold() for skill in candidate.skills}
    return sum(skill.casefold() in own for skill in wanted)


def _judge(wish: Wish, each: Candidate, wanted: Sequence[str], most: int) -> Verdict:
    if each.location_ids and wish.location_id not in each.location_ids:
        return Verdict(each, False, f'does not work for {wish.location or "this location"}')
    if _known(each, wanted) < most:
        own = {skill.casefold() for skill in each.skills}
        return Verdict(each, False, f'does not know {_and([skill for skill in wanted if skill.casefold() not in own])}')
    if each.id in wish.passed_over:
        return Verdict(each, False, 'had it already')
    if not each.present:
        return Verdict(each, False, 'is away')
    if each.capacity is not None and each.load >= each.capacity:
        return Verdict(each, False, f'has {each.load} of at most {each.capacity} waiting leads')
    return Verdict(each, True, f'can take it, with {_load(each)}')


def _somebody(wish: Wish, taker: Candidate, wanted: Sequence[str], others: int) -> str:
    place = f'works for {wish.location}' if taker.location_ids and wish.location else 'works for all locations'
    own = {skill.casefold() for skill in taker.skills}
    known = [skill for skill in wanted if skill.casefold() in own]
    parts = [place, *([f'knows {_and(known)}'] if known else []), f'is online with {_load(taker)}']
    turn = 'is the only one who can take it' if not others else 'waited longest for a lead'
    return f'{taker.name} {", ".join(parts)}, and {turn}.'


def _nobody(verdicts: Sequence[Verdict]) -> str:
    if not verdicts:
        return 'Nobody can take it: there is no one with the right to answer leads.'
    said = '; '.join(f'{verdict.candidate.name} {verdict.why}' for verdict in verdicts[:NAMED])
    more = len(verdicts) - NAMED
    return f'Nobody can take it: {said}{f"; and {more} more cannot" if more > 0 else ""}.'


def _load(each: Candidate) -> str:
    return f'{each.load} of {each.capacity} waiting leads' if each.capacity is not None else f'{each.load} waiting leads'


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f'{", ".join(words[:-1])} and {words[-1]}'


def duration(seconds: int) -> str:
    """So many seconds in the largest unit that says them exactly."""
    units = ((86_400, 'day'), (3_600, 'hour'), (60, 'minute'), (1, 'second'))
    size, unit = next((size, unit) for size, unit in units if seconds % size == 0)
    count = seconds // size
    return f'{count} {unit}{"" if count == 1 else "s"}'
