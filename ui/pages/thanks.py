"""The thank-you page of plain HTML forms; it stands beside intake, so it needs no NiceGUI."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from ui.pages.plain import render_thanks

router = APIRouter(include_in_schema=False)


@router.get('/thanks')
@router.get('/thanks/{receipt_id}')
def show_thanks(receipt_id: str = '') -> HTMLResponse:
    """What a visitor sees after sending a plain HTML form that names no page of its own."""
    return HTMLResponse(render_thanks(receipt_id[:100]), headers={'Cache-Control': 'no-store'})
