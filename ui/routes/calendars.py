"""The calendar feed of a person: making its secret address, ending it, and what stands under it."""

import asyncio
from uuid import UUID

from fastapi import APIRouter, Request
from fastapi.responses import Response

from domain.base.clock import now
from domain.base.errors import NotFound
from domain.follow_ups.feeds import create_feed, fed, revoke_feed
from domain.follow_ups.ics import ics
from ui.guard import doors_of, limits_of
from ui.routes.desk import Answer, Reader
from ui.visitors import address

router = APIRouter(tags=['follow-ups'])


class FeedOut(Answer):
    """The secret address of a calendar feed; it is shown once."""

    path: str


@router.post('/api/v1/users/{user_id}/calendar-feed', status_code=201)
def post_feed(request: Request, actor: Reader, user_id: UUID) -> FeedOut:
    """A new secret address for a person's calendar, one's own or as who keeps the people; the former one ends."""
    with doors_of(request).db.transaction() as session:
        return FeedOut(path=f'/calendar/{create_feed(session, actor, user_id)}.ics')


@router.delete('/api/v1/users/{user_id}/calendar-feed', status_code=204)
def delete_feed(request: Request, actor: Reader, user_id: UUID) -> None:
    """End a person's calendar feed at once."""
    with doors_of(request).db.transaction() as session:
        if not revoke_feed(session, actor, user_id):
            raise NotFound('There is no calendar feed to end.')


@router.get('/calendar/{token}.ics', include_in_schema=False)
async def get_feed(request: Request, token: str) -> Response:
    """What a person has to do, for their calendar program: whoever holds the secret address may read it."""
    doors = doors_of(request)
    link = (doors.settings.public_url or str(request.base_url)).rstrip('/')
    limits_of(request).hit(doors.settings.rate_limit_intake, 'calendar', address(request, doors), what='calendars asked for')

    def look() -> bytes:
        with doors.db.reading() as session:
            moment = now()
            return ics(fed(session, token, moment), link, moment)

    text = await asyncio.to_thread(look)
    return Response(text, media_type='text/calendar; charset=utf-8', headers={'Cache-Control': 'private, no-store'})
