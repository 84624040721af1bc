"""What a lead is proved by and what it is compared with, as the browser draws it: receipts, merges, look-alikes."""

from collections.abc import Callable
from typing import Any

from domain.desk.behind import Behind
from domain.desk.merge_preview import MergePreview
from domain.intake.desk import Lookalike
from domain.leads.models import Lead
from ui.presenters import words
from ui.presenters.lead import face

_WORDS = ('quality', 'status', 'stage')  # fields whose values are words of ours
_FIELDS = {'email': 'E-mail'}
_OUTCOMES = {'created': 'Made this lead', 'resubmitted': 'Added to this lead', 'twin': 'The same form again'}


def behind(found: Behind, sign: Callable[[str], str]) -> dict[str, Any]:
    """The receipts, with the number that proves each to the outside, and the merges; `sign` gives a receipt's signature."""
    return {
        'receipts': [
            {
                'id': str(each.id),
                'at': words.ms(each.kept_at),
                'outcome': _OUTCOMES.get(each.outcome, words.sentence(each.outcome)),
                'route': each.route,
                'size': f'{each.size:,} bytes',
                'signed': f'{each.id}.{sign(str(each.id))}',
            }
            for each in found.receipts
        ],
        'merged': [
            {'id': str(each.id), 'name': each.name, 'reference': each.reference, 'by': each.by, 'at': words.ms(each.at)}
            for each in found.merged
        ],
    }


def found(lead: Lead) -> dict[str, Any]:
    """A lead that can be merged with the open one, as a line of a menu."""
    name = lead.name or lead.email or lead.phone
    reach = ' · '.join(each for each in (lead.email, lead.phone) if each and each != name)
    return {'value': str(lead.id), 'label': name, 'note': reach, **face(name)}


def compared(pair: MergePreview) -> dict[str, Any]:
    """Two leads side by side, the one that is kept first; `wins` is the column whose value counts, -1 where both do."""
    wins = {'kept': 0, 'merged': 1}
    counts = ((pair.merged.messages, 'message'), (pair.merged.deliveries, 'delivery'), (pair.merged.receipts, 'receipt'))
    moves = [words.count(number, word) for number, word in (*counts, (pair.merged.notes, 'note')) if number]
    return {
        'sides': [{'id': str(side.id), 'reference': side.reference} for side in (pair.kept, pair.merged)],
        'rows': [
            {
                'label': _FIELDS.get(row.field, words.sentence(row.field)),
                'values': [words.sentence(value) if row.field in _WORDS else value for value in (row.kept, row.merged)],
                'wins': wins.get(row.wins, -1),
                'together': row.result if row.wins == 'both' and row.kept != row.merged else '',
            }
            for row in pair.rows
            if row.kept or row.merged
        ],
        'moves': f'{", ".join(moves)} come along.' if moves else 'Nothing else comes along.',
    }


def lookalike(each: Lookalike) -> dict[str, str]:
    """A lead that may be the person somebody is typing in."""
    name = each.name or each.email or each.phone
    return {'id': str(each.id), 'name': name, 'reference': each.reference, 'why': f'has the same {each.why}'}
