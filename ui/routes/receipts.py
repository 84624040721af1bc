"""Signed receipts: whoever holds one may ask whether it was kept."""

import asyncio
from typing import Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from domain.base.errors import NotFound
from domain.inbound.models import Outcome
from domain.intake.queries import receipt
from ui.guard import doors_of, limits_of
from ui.visitors import address


async def show_receipt(request: Request) -> Response:
    """GET /api/intake/receipts/{id}: says "kept" and when, to whoever holds the signed id; nothing of the lead."""
    doors = doors_of(request)
    limits_of(request).hit(doors.settings.rate_limit_intake, 'receipt', address(request, doors), what='receipts asked for')
    text, _, signature = request.path_params['id'].partition('.')
    unknown = NotFound('There is no such receipt, or its signature is wrong.')
    try:
        receipt_id = UUID(text)
    except ValueError:
        raise unknown from None
    if not doors.box.signed(str(receipt_id), signature):
        raise unknown

    def look() -> dict[str, Any] | None:
        with doors.db.reading() as session:
            row = receipt(session, receipt_id)
            return {'kept': row.outcome != Outcome.ERASED, 'at': row.received_at.isoformat().replace('+00:00', 'Z')} if row else None

    found = await asyncio.to_thread(look)
    if found is None:
        raise unknown
    return JSONResponse(found, headers={'Access-Control-Allow-Origin': '*', 'Cache-Control': 'no-store'})
