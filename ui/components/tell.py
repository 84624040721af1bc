"""How the server speaks to an element that lives in the browser."""

from nicegui.element import Element


def tell(element: Element, method: str, *args: object) -> None:
    """Call a method of the element's Vue component; nobody waits for an answer, and a page that is gone hears nothing."""
    _ = element.run_method(method, *args)
