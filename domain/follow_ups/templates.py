"""Words with variables: what a template may say, checked when it is saved, and what it says of one lead.

Jinja2 in its sandbox, and of its language only variables, `if` and a few filters: nothing that loops, calls or looks into objects.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jinja2 import StrictUndefined, TemplateError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from domain.base.errors import FieldError, Invalid

# What can be named, with an example of each.
VARIABLES: dict[str, str] = {
    'lead.name': 'Priya Raman',
    'lead.first_name': 'Priya',
    'location.name': 'Northside',
    'service': 'ceramic tint',
    'company': 'Brightwater Tint',
    'owner': 'Ines Vega',
    'chat_link': 'https://desk.example/chat/…',
}
_FILTERS = frozenset({'default', 'd', 'upper', 'lower', 'title', 'capitalize', 'trim'})
_ALLOWED = (
    *(nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Const, nodes.If, nodes.Filter),
    *(nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not),
)
_ENVIRONMENT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=False)


class NotConnected(Exception):
    """The words need something that this desk does not have yet."""


class _Missing:
    """A value that is not there yet: `{% if chat_link %}` is false, and to print it is NotConnected."""

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        raise NotConnected('chat link')


@dataclass(frozen=True, slots=True)
class Values:
    """What the variables stand for. A `chat_link` of '' is not connected."""

    lead_name: str
    location_name: str
    service: str = ''
    company: str = ''
    owner: str = ''
    chat_link: str = ''


SAMPLE = Values('Priya Raman', 'Northside', 'ceramic tint', 'Brightwater Tint', 'Ines Vega', 'https://desk.example/chat/…')


def check(text: str, field: str) -> str:
    """The text; raises Invalid, naming the field and what is wrong, for an unknown variable or what a template cannot say."""
    try:
        tree = _ENVIRONMENT.parse(text)
    except TemplateError as trouble:
        raise _wrong(field, f'cannot be read: {trouble.message or trouble}') from None
    for node in _walk(tree):
        if not isinstance(node, _ALLOWED) or (isinstance(node, nodes.Compare | nodes.Filter) and not _plain(node)):
            raise _wrong(
                field, f'uses "{type(node).__name__.lower()}" in line {node.lineno}; only variables, if and simple filters are known'
            )
    known = {name.partition('.')[0] for name in VARIABLES}
    for name in sorted(_names(tree)):
        if name not in VARIABLES and (name not in known or '.' in name or f'{name}.name' not in VARIABLES):
            raise _wrong(field, f'names {{{{ {name} }}}}, which is unknown; known are {", ".join(VARIABLES)}')
    try:
        render(text, SAMPLE)
    except TemplateError as trouble:
        raise _wrong(field, f'cannot be filled in: {trouble.message or trouble}') from None
    return text


def render(text: str, values: Values) -> str:
    """The words for one lead; raises NotConnected, saying what is missing, where they print what is not there yet."""
    filled = _ENVIRONMENT.from_string(text).render(
        lead=_Thing(values.lead_name, values.lead_name.split(maxsplit=1)[0] if values.lead_name.split() else ''),
        location=_Thing(values.location_name),
        service=values.service,
        company=values.company,
        owner=values.owner,
        chat_link=values.chat_link or _Missing(),
    )
    return filled.strip()


@dataclass(frozen=True, slots=True)
class _Thing:
    """What a template calls by its name alone, or by its parts."""

    name: str
    first_name: str = ''

    def __str__(self) -> str:
        return self.name


def _walk(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _walk(child)


def _names(tree: nodes.Node) -> set[str]:
    """The variables a text names, `lead` and `lead.name` alike."""
    whole = {f'{node.node.name}.{node.attr}' for node in tree.find_all(nodes.Getattr) if isinstance(node.node, nodes.Name)}
    inner = {id(node.node) for node in tree.find_all(nodes.Getattr)}
    deep = {f'….{node.attr}' for node in tree.find_all(nodes.Getattr) if not isinstance(node.node, nodes.Name)}
    return whole | deep | {node.name for node in tree.find_all(nodes.Name) if id(node) not in inner}


def _plain(node: Any) -> bool:
    return not isinstance(node, nodes.Filter) or node.name in _FILTERS


def _wrong(field: str, why: str) -> Invalid:
    return Invalid(f'The {field} {why}.', errors=[FieldError(field, why)])
