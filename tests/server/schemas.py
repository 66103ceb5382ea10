"""Answers that fit a JSON schema, for requests that ask for one."""

import json
from collections.abc import Mapping, Sequence

from tests.server.scenes import Words

_PLAIN: Mapping[str, object] = {"string": "", "number": 0.5, "integer": 1, "boolean": False}


def schema_in(body: Mapping[str, object]) -> Mapping[str, object] | None:
    """The schema a request asks its answer to fit, in Ollama's words or in OpenAI's."""
    if isinstance(told := body.get("format"), Mapping):
        return told
    wrapped = body.get("response_format")
    inner = wrapped.get("json_schema") if isinstance(wrapped, Mapping) else None
    schema = inner.get("schema") if isinstance(inner, Mapping) else None
    return schema if isinstance(schema, Mapping) else None


def filled(schema: Mapping[str, object], texts: Sequence[str]) -> Words:
    """JSON that fits a schema, with these texts in its lists; a list takes no more than it may."""
    return json.dumps(_value(schema, texts), ensure_ascii=False)


def _value(schema: Mapping[str, object], texts: Sequence[str]) -> object:
    kind = schema.get("type")
    options = schema.get("enum")
    if isinstance(options, Sequence) and options:
        return options[0]
    if kind == "array":
        most = schema.get("maxItems")
        item = schema.get("items")
        shape = item if isinstance(item, Mapping) else {"type": "string"}
        return [_value(shape, [text]) for text in texts[: most if isinstance(most, int) else None]]
    if kind == "object":
        fields = schema.get("properties")
        named = fields.items() if isinstance(fields, Mapping) else ()
        return {name: _value(shape, texts) for name, shape in named if isinstance(shape, Mapping)}
    if kind == "string" and texts:
        return texts[0]
    return _PLAIN.get(str(kind))
