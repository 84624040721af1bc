"""The yardstick of memory: an empty NiceGUI page, mounted as the desk mounts its own."""

import sys

import uvicorn
from fastapi import FastAPI
from nicegui import ui as ng


def main() -> None:
    """Serve on the given port."""
    fast = FastAPI()

    @ng.page('/')
    def empty() -> None:
        """Nothing on it."""

    ng.run_with(fast, tailwind=False, show_welcome_message=False, reconnect_timeout=10)
    uvicorn.run(fast, host='127.0.0.1', port=int(sys.argv[1]), loop='uvloop', http='httptools', access_log=False, log_config=None)


if __name__ == '__main__':
    main()
