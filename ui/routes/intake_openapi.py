"""The intake routes in the OpenAPI description: they are plain endpoints, so FastAPI does not see them by itself."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from domain.intake.bodies import FORM_TYPE, JSON_TYPE
from ui.routes.intake import ROUTES

_REF = '#/components/schemas/{model}'

_ANSWER = {
    'type': 'object',
    'required': ['leadId', 'conversationId', 'eventId', 'receiptId', 'quality', 'slaDeadline', 'duplicate'],
    'properties': {
        'leadId': {'type': 'string', 'format': 'uuid'},
        'conversationId': {'type': 'string', 'format': 'uuid'},
        'eventId': {'type': 'string', 'format': 'uuid'},
        'receiptId': {'type': 'string'},
        'quality': {'enum': ['hot', 'warm', 'cold']},
        'slaDeadline': {'type': 'string', 'format': 'date-time'},
        'duplicate': {'type': 'boolean'},
    },
}
_QUARANTINED = {
    'type': 'object',
    'required': ['receiptId', 'quarantined'],
    'properties': {'receiptId': {'type': 'string'}, 'quarantined': {'const': True}},
}
_PROBLEM = {
    'type': 'object',
    'required': ['type', 'title', 'status', 'detail', 'requestId'],
    'properties': {
        'type': {'type': 'string'},
        'title': {'type': 'string'},
        'status': {'type': 'integer'},
        'detail': {'type': 'string'},
        'requestId': {'type': 'string'},
        'errors': {
            'type': 'array',
            'items': {'type': 'object', 'properties': {'field': {'type': 'string'}, 'message': {'type': 'string'}}},
        },
    },
}
_REFUSALS = {
    400: 'Not readable, or with an API key not acceptable: the fields are named',
    401: 'No key, or one that is unknown, revoked or expired',
    403: 'A widget key used on a page of another origin',
    404: 'No such form or receipt',
    409: 'The same request is still running',
    413: 'Over 64 kB',
    415: 'Neither JSON nor urlencoded',
    422: 'The Idempotency-Key was used for another body',
    429: 'Over a limit; Retry-After says when',
    503: 'Not stored; send the same key again',
}


def describe(fast: FastAPI) -> dict[str, Any]:
    """The whole description, made once and kept on the application."""
    if fast.openapi_schema is None:
        schema = get_openapi(
            title=fast.title, version=fast.version, routes=fast.routes, description='The lead desk that never loses a lead.'
        )
        models = schema.setdefault('components', {}).setdefault('schemas', {})
        for path, endpoint, model in ROUTES:
            own = model.model_json_schema(ref_template=_REF)
            models.update(own.pop('$defs', {}))
            models[model.__name__] = own
            schema['paths'][path] = {'post': _operation(path, endpoint.__name__, model.__name__)}
        schema['paths']['/api/intake/receipts/{id}'] = {'get': _receipt()}
        models.update(Captured=_ANSWER, Quarantined=_QUARANTINED, Problem=_PROBLEM)
        schema['components']['securitySchemes'] = {
            'apiKey': {'type': 'http', 'scheme': 'bearer'},
            'widgetKey': {'type': 'apiKey', 'in': 'header', 'name': 'X-Widget-Key'},
        }
        fast.openapi_schema = schema
    return fast.openapi_schema


def _operation(path: str, name: str, model: str) -> dict[str, Any]:
    body = {'schema': {'$ref': _REF.format(model=model)}}
    parameters: list[dict[str, Any]] = [
        {'name': 'Idempotency-Key', 'in': 'header', 'required': False, 'schema': {'type': 'string', 'minLength': 1, 'maxLength': 255}}
    ]
    if '{form}' in path:
        parameters.append({'name': 'form', 'in': 'path', 'required': True, 'schema': {'type': 'string'}})
    return {
        'operationId': name,
        'summary': 'Hand a lead in: at least one of email and phone',
        'tags': ['intake'],
        'security': [{'apiKey': []}, {'widgetKey': []}, {}],
        'parameters': parameters,
        'requestBody': {'required': True, 'content': {JSON_TYPE: body, FORM_TYPE: body}},
        'responses': {
            '201': {'description': 'Stored and flushed', 'content': {JSON_TYPE: {'schema': {'$ref': _REF.format(model='Captured')}}}},
            '202': {
                'description': 'Kept for a person to read: it could not be understood',
                'content': {JSON_TYPE: {'schema': {'$ref': _REF.format(model='Quarantined')}}},
            },
            '303': {'description': 'To the thank-you page, for a plain HTML form'},
            **{str(status): _refusal(text) for status, text in _REFUSALS.items()},
        },
    }


def _receipt() -> dict[str, Any]:
    return {
        'operationId': 'show_receipt',
        'summary': 'Whether a submission is kept, and since when',
        'tags': ['intake'],
        'parameters': [{'name': 'id', 'in': 'path', 'required': True, 'schema': {'type': 'string'}}],
        'responses': {
            '200': {
                'description': 'Known',
                'content': {
                    JSON_TYPE: {'schema': {'type': 'object', 'properties': {'kept': {'type': 'boolean'}, 'at': {'type': 'string'}}}}
                },
            },
            '404': _refusal(_REFUSALS[404]),
            '429': _refusal(_REFUSALS[429]),
        },
    }


def _refusal(text: str) -> dict[str, Any]:
    return {'description': text, 'content': {'application/problem+json': {'schema': {'$ref': _REF.format(model='Problem')}}}}
