"""What a button of the page asks for, as page.js writes it: one flat JSON object. Anybody may send anything."""

import json

Request = dict[str, int | str]


def request_of(message: str) -> Request:
    """The request in a message; empty if the message is not one of ours."""
    try:
        request = json.loads(message)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(request, dict) or not all(isinstance(value, int | str) for value in request.values()):
        return {}
    return request
