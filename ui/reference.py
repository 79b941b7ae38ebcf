"""``/docs``: the REST interface as a plain page, made from its OpenAPI description. It has no script."""

import json
from typing import Any

from ui.markup import escape


def reference_page(description: dict[str, Any]) -> str:
    """All operations by path."""
    operations = [
        _operation(path, method, operation, description)
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    ]
    title = escape(description["info"]["title"])
    return _PAGE.replace("{title}", title).replace("{operations}", "\n".join(operations))


def _operation(path: str, method: str, operation: dict[str, Any], description: dict[str, Any]) -> str:
    fields = [
        _field(item["name"], item["in"], item.get("schema", {}), required=item.get("required", False))
        for item in operation.get("parameters", [])
    ]
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        schema = _resolved(content["schema"], description)
        required = schema.get("required", [])
        fields += [
            _field(name, media_type.partition("/")[2], value, required=name in required)
            for name, value in schema.get("properties", {}).items()
        ]
    table = f"<table><tr><th>field</th><th>in</th><th>form</th></tr>{''.join(fields)}</table>" if fields else ""
    return (
        f"<section><h2><code>{escape(method.upper())}</code> {escape(path)}</h2>"
        f"<p>{escape(operation.get('description') or operation.get('summary', ''))}</p>{table}</section>"
    )


def _field(name: str, place: str, schema: dict[str, Any], *, required: bool) -> str:
    known = {key: value for key, value in schema.items() if key not in {"title"}}
    form = escape(json.dumps(known))
    shown = f"<code>{escape(name)}</code>{' (needed)' if required else ''}"
    return f"<tr><td>{shown}</td><td>{escape(place)}</td><td><code>{form}</code></td></tr>"


def _resolved(schema: dict[str, Any], description: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: dict[str, Any] = description["components"]["schemas"][reference.rpartition("/")[2]]
    return found


_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem;
  background: Canvas; color: CanvasText; color-scheme: light dark; }
h2 { font-size: 1rem; margin: 2rem 0 0; border-top: 1px solid GrayText; padding-top: .5rem; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; }
td, th { text-align: left; padding: .2rem .75rem .2rem 0; vertical-align: top; }
td code { overflow-wrap: anywhere; }
</style></head><body>
<h1>{title}</h1>
<p>The same as data: <a href="/openapi.json">/openapi.json</a>. If the server has a password, programs send
<code>Authorization: Bearer TOKEN</code> with its QA_TOKEN.</p>
{operations}
</body></html>
"""
