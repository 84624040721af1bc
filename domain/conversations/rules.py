"""What words mean for the desk, as far as a machine can be sure of it. Pure."""

import re

LONGEST = 120  # characters: whoever writes more has something to say
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
# Thumbs up, folded hands, a heart, five smiles, the sign for good, a hundred, a party.
_SIGNS = ''.join(map(chr, (0x1F44D, 0x1F64F, 0x2764, 0x1F60A, 0x1F642, 0x1F600, 0x1F603, 0x1F604, 0x1F44C, 0x1F4AF, 0x1F389)))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# One of these makes it a thank-you…
_THANKS = _words(
    'thanks thank thankyou thx thnx ty tnx cheers ok okay okey okie great perfect awesome excellent wonderful brilliant appreciated '
    'appreciate danke dankeschön dank merci gracias grazie obrigado obrigada tak tack dziękuję спасибо'
)
# …and nothing else may be in it than these: a single other word may be a wish.
_BESIDE = _words(
    'you u so much very a lot again all many for your the help helping time reply answer quick everything it this that is was i we really '
    'good cool nice super got dear sir madam team everyone both and then bye goodbye have day weekend evening one lovely '
    'vielen schön schöne für die ihre hilfe alles gut und sehr viel tausend muchas mil beaucoup bien mille molte muito'
)


def says_thanks(text: str) -> bool:
    """Whether this is a thank-you or an "ok" and nothing more; in doubt it is not. A question, a number or one other word: a message."""
    said = text.strip()
    if not said or len(said) > LONGEST or re.search(r'[?\d@/¿]', said):
        return False
    found = [word.casefold() for word in _WORD.findall(said)]
    if not found:
        return any(sign in said for sign in _SIGNS)
    return all(word in _THANKS or word in _BESIDE for word in found) and any(word in _THANKS for word in found)
