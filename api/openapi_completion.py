"""What holds for every route, written into the OpenAPI document once: problems, their headers, how to sign in."""

from typing import Any

from api.wire.answer import ProblemOut

# Documents are JSON, hence Any.

PROBLEM_REFERENCE = {"$ref": "#/components/schemas/ProblemOut"}
PROBLEM_CONTENT = {"application/problem+json": {"schema": PROBLEM_REFERENCE}}

_METHODS = ("get", "put", "post", "delete", "patch")
_EVERYWHERE = {"400": "The request does not fit its description."}
_WITH_KEY = {
    "401": "No key, or one that is not known.",
    "403": "The key lacks the scope.",
    "429": "The key's rate is exceeded.",
    "503": "The database is away; nothing was accepted.",
}
_WITH_PATH = {"404": "There is no such thing."}
_WITH_BODY = {"413": "The body is over the limit.", "415": "The body is not sent as JSON."}
_HEADERS: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {
    "401": {"WWW-Authenticate": ("How to sign in.", {"type": "string"})},
    "429": {"Retry-After": ("Seconds to wait.", {"type": "integer", "minimum": 0})},
    "503": {"Retry-After": ("Seconds to wait.", {"type": "integer", "minimum": 0})},
}
_SCHEMES = {
    "basic": {"type": "http", "scheme": "basic", "description": "Any user name; the password is an API key."},
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key."},
}


_WORDS = {
    "attempts": "How often the provider was called.",
    "automation": "Name of the automation; in a path its id will do as well.",
    "channel": "By which channel.",
    "contactIds": "Ids of contacts.",
    "createdAt": "When it was made.",
    "cursor": "`nextCursor` of the page before.",
    "definition": "The document; its JSON Schema is at /schema.",
    "dueAt": "When it goes on.",
    "endedAt": "When it ended; null while it has not.",
    "eventKey": "Key of the event, of an order event the externalOrderId.",
    "event_id": "Our id of the event.",
    "format": "`csv` for a table that spreadsheets open.",
    "id": "Our id.",
    "limit": "How many a page has at most.",
    "message_id": "Our id of the message.",
    "messages": "Its messages, oldest first.",
    "number": "Number of the version.",
    "reason": "Why: a stable code and its facts.",
    "runs": "The runs of this page, newest first.",
    "sentAt": "When the provider took it; null before.",
    "sentence": "The same for people.",
    "startedAt": "When its workflow was started; null before.",
    "state": "Where it stands.",
    "step": "Id of the step.",
    "template": "Name of the template.",
    "version": "Number of the version.",
}
"""What a field or parameter means wherever it stands without words of its own."""


def complete(document: dict[str, Any]) -> None:
    """Add what routes share, in place. What a route says itself stays."""
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas["ProblemOut"] = ProblemOut.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):  # FastAPI's own 422, which we answer as a 400
        schemas.pop(unused, None)
    components["securitySchemes"] = _SCHEMES
    for schema in schemas.values():
        for name, field in schema.get("properties", {}).items():
            _describe(name, field)
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                _complete(path, operations[method])


def _describe(name: str, field: dict[str, Any]) -> None:
    if name in _WORDS:
        field.setdefault("description", _WORDS[name])


def _complete(path: str, operation: dict[str, Any]) -> None:
    responses = operation["responses"]
    for parameter in operation.get("parameters", []):
        _describe(parameter["name"], parameter)
    with_key = path.startswith("/api/") and "security" not in operation
    operation.setdefault("security", [{"basic": []}, {"bearer": []}] if with_key else [])
    wanted: dict[str, str] = {}
    if responses.pop("422", None) or with_key:
        wanted |= _EVERYWHERE
    if with_key:
        wanted |= _WITH_KEY
    if "{" in path:
        wanted |= _WITH_PATH
    if "requestBody" in operation:
        wanted |= _WITH_BODY
    for status, words in wanted.items():
        responses.setdefault(status, {"description": words, "content": PROBLEM_CONTENT})
    _complete_answers(responses)


def _complete_answers(responses: dict[str, Any]) -> None:
    for answer in responses.values():
        if "text/csv" in answer.get("content", {}):
            answer["content"]["text/csv"].setdefault("schema", {"type": "string"})
    for status, headers in _HEADERS.items():
        if status in responses:
            known = responses[status].setdefault("headers", {})
            for name, (words, schema) in headers.items():
                known.setdefault(name, {"description": words, "schema": schema})
