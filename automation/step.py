"""What every step has, and how it stands in a document: as one key, `- send: { template: thanks }`."""

from typing import Any, ClassVar

from pydantic import GetJsonSchemaHandler, SerializerFunctionWrapHandler, model_serializer, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core.core_schema import CoreSchema

from automation.part import Part, StepId


class Step(Part):
    """What every step has. `kind` is the key under which it stands in a document."""

    kind: ClassVar[str]
    id: StepId
    """What the step is called; runs, conditions and later versions know it by this."""

    @model_validator(mode="before")
    @classmethod
    def _unwrap(cls, value: Any) -> Any:  # whatever the document holds
        return value[cls.kind] if isinstance(value, dict) and value.keys() == {cls.kind} else value

    @model_serializer(mode="wrap")
    def _wrap(self, inner: SerializerFunctionWrapHandler) -> dict[str, Any]:  # JSON of the step
        body = inner(self)
        # pydantic applies the serializer of a model that contains itself twice
        return body if body.keys() == {self.kind} else {self.kind: body}

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        reference = handler(schema)
        found = handler.resolve_ref_schema(reference)
        body = {**found, "required": [name for name in found.get("required", []) if name != "id"]}
        shown = {"title": body.pop("title"), "description": body.pop("description", "")}
        found.clear()
        found.update(shown, type="object", additionalProperties=False, required=[cls.kind])
        found["properties"] = {cls.kind: cls._in_document(body)}
        return reference

    @classmethod
    def _in_document(cls, body: JsonSchemaValue) -> JsonSchemaValue:
        """The schema of what stands below the key; a step whose settings can all be left out may have nothing there."""
        return body if body["required"] else {"anyOf": [body, {"type": "null"}]}
