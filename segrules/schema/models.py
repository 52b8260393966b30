"""The shape of `catalog.yaml`: which keys stand where and what kind of value each takes.

What the values mean, and whether the names in them exist, is settled by `semantics/catalogue.py`.
"""

import json
import re
from decimal import Decimal
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, model_validator
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticCustomError

FORMAT: Final = 1
"""The version of the catalogue's format that this version of segrules reads."""


def _name(value: str) -> str:
    if not re.fullmatch(r"[^\W\d]\w*", value):
        raise PydanticCustomError("name", "not a name")
    return value


def _one_or_many(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _bound(value: object) -> Decimal | str | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str | None):
        raise PydanticCustomError("bound", "not a bound")
    return Decimal(value) if isinstance(value, int) else value


Text = Annotated[str, Field(min_length=1)]
Name = Annotated[Text, AfterValidator(_name)]
Texts = Annotated[list[str], BeforeValidator(_one_or_many, json_schema_input_type=str | list[str])]
References = Annotated[
    list[Text], Field(min_length=1), BeforeValidator(_one_or_many, json_schema_input_type=str | list[str])
]
Names = Annotated[list[Name], BeforeValidator(_one_or_many, json_schema_input_type=str | list[str])]
Bound = Annotated[Any, PlainValidator(_bound, json_schema_input_type=float | str | None)]
Expression = Annotated[Text, Field(description="An expression of the rule language over the columns of one row.")]
Duration = Annotated[Text, Field(description="A number and a unit: `2 days`, `24 months`.")]


class Block(BaseModel):
    """A block of keys; a key that is not declared is refused, and no value is turned into another type."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LabelsModel(Block):
    """Governance labels of a column, of a value or of an event."""

    category: Texts = []
    origin: Literal["provided", "observed", "derived", "inferred"] | None = None
    identifiability: Text | None = None
    proxy_for: Texts = []


TypeName = Literal["integer", "decimal", "float", "money", "boolean", "text", "date", "timestamp", "list of text"]


class ColumnModel(Block):
    """A column: its type, or a block."""

    type: TypeName | None = None
    column: Text | None = Field(None, description="The column's name in the data.")
    nullable: bool | None = None
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")] | None = None
    currency_column: Text | None = None
    scale: Annotated[int, Field(ge=0, le=18)] | None = None
    unit: Text | None = None
    range: Annotated[list[Bound], Field(min_length=2, max_length=2)] | None = None
    values: Annotated[list[str], Field(min_length=1)] | None = None
    ordered: bool = False
    zone: Text | None = None
    derive: Expression | None = None
    description: Text | None = None
    synonyms: Texts = []
    deprecated: Text | None = Field(None, description="What to use instead.")
    labels: LabelsModel = LabelsModel()
    value_labels: dict[str, LabelsModel] = {}

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"type": value} if isinstance(value, str) else value


class CsvModel(Block):
    """How a CSV file is written; a field that is None was left out."""

    delimiter: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    decimal_mark: Literal[".", ","] = "."
    encoding: Text = "utf-8"
    date_format: Text = "%Y-%m-%d"
    timestamp_format: Text | None = None
    nulls: list[str] = [""]


class FreshModel(Block):
    """How old the newest row may be."""

    column: Text
    within: Duration


class TableModel(Block):
    """A table of the data."""

    path: Text
    format: Literal["parquet", "csv", "arrow"] | None = None
    partitioning: Literal["hive"] | None = None
    csv: CsvModel | None = None
    key: Text | None = None
    fresh_within: FreshModel | None = None
    retain: Duration | None = None
    description: Text | None = None
    columns: Annotated[dict[Name, ColumnModel], Field(min_length=1)]


Way = Literal["last by time", "first by time", "most frequent", "only"]


class ChosenModel(Block):
    """How an attribute is chosen out of a customer's rows: the way alone, or a block."""

    column: Text | None = None
    choose: Way

    @model_validator(mode="before")
    @classmethod
    def _short(cls, value: object) -> object:
        return {"choose": value} if isinstance(value, str) else value


class DerivationModel(Block):
    """Customers who are those that occur in a table of events."""

    table: Text
    key: Text
    time: Text
    order_by: References | None = None
    where: Expression | None = None
    attributes: dict[Name, ChosenModel] = {}


class CustomersModel(Block):
    """Who the customers are."""

    table: Text | None = None
    derive: DerivationModel | None = None
    join: References | None = None
    since: Text | None = None


class GroupModel(Block):
    """Several rows that make one event."""

    by: References
    time: Literal["first", "last"]
    properties: dict[Name, Text] = {}


class EventModel(Block):
    """A kind of event."""

    table: Text
    customer: Text
    time: Text
    id: Text | None = None
    order_by: References | None = None
    where: Expression | None = None
    group: GroupModel | None = None
    properties: References | None = None
    description: Text | None = None
    labels: LabelsModel = LabelsModel()


class RelationModel(Block):
    """A link from a customer to another table."""

    table: Text
    column: Text
    back: Name | None = None


class ConsentColumnsModel(Block):
    """Consent for one channel in attributes of the customer."""

    state: Text
    time: Text | None = None
    expiry: Text | None = None
    purposes: Texts = []


class ConsentTableModel(Block):
    """Consent records in a table."""

    table: Text
    customer: Text
    channel: Text
    status: Text
    time: Text
    purpose: Text | None = None
    expiry: Text | None = None


class StatusesModel(Block):
    """How the data spell the states of consent."""

    granted: Texts = []
    withdrawn: Texts = []
    pending: Texts = []


class ConsentsModel(Block):
    """Where consent stands."""

    channels: Names | None = None
    columns: dict[Name, ConsentColumnsModel] | None = None
    table: ConsentTableModel | None = None
    statuses: StatusesModel | None = None
    purposes: Names | None = None


class SuppressionModel(Block):
    """A list of customers whom nobody may contact."""

    table: Text
    customer: Text
    channels: Texts = []


class CapModel(Block):
    """What must be known of whoever is contacted on some channels, such as how often they were lately."""

    channels: Texts = []
    require: Annotated[Text, Field(description="A condition of the rule language over customers and their events.")]


class CatalogueModel(Block):
    """A whole catalogue.

    What is required at the top may be absent here, so that the rest can still be looked at.
    """

    model_config = ConfigDict(
        title="The catalogue of a segrules project",
        json_schema_extra={"required": ["format", "time_zone", "tables", "customers"]},
    )

    format: Literal[1] = FORMAT
    time_zone: Text | None = None
    leap_day: Literal["28 february", "1 march"] = "28 february"
    tables: dict[Name, TableModel] = {}
    customers: CustomersModel | None = None
    events: dict[Name, EventModel] = {}
    relations: dict[Name, RelationModel] = {}
    consents: ConsentsModel | None = None
    suppressions: dict[Name, SuppressionModel] = {}
    caps: dict[Name, CapModel] = {}
    labels: Names = Field([], description="The project's own names for categories, beside those of the vocabulary.")


class _Untitled(GenerateJsonSchema):
    """A schema without a title for each key: the key says it."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def json_schema() -> str:
    """The JSON Schema of `catalog.yaml` for editors, as it stands in `docs/reference/catalog.schema.json`."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    schema |= CatalogueModel.model_json_schema(schema_generator=_Untitled)
    definitions: Any = schema["$defs"]
    _allow_short_form(definitions, "ColumnModel", TypeName)
    _allow_short_form(definitions, "ChosenModel", Way)
    return json.dumps(schema, indent=2) + "\n"


def _allow_short_form(definitions: dict[str, Any], name: str, short: Any) -> None:
    block = definitions[name]
    alone = {"enum": list(get_args(short)), "type": "string"}
    definitions[name] = {"description": block.pop("description"), "anyOf": [alone, block]}
