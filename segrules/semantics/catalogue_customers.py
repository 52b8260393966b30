"""Who the customers are, what links them to other tables, and who of them may not be contacted."""

from dataclasses import replace

from segrules.diagnostics.codes import CATALOGUE_CONFLICT, CATALOGUE_NAME
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.catalogue import Choose, Chosen, Column, Customers, Derivation, Relation, Suppression, Table
from segrules.schema.document import Path
from segrules.schema.models import CatalogueModel, CustomersModel, DerivationModel, RelationModel, SuppressionModel
from segrules.semantics.catalogue_names import (
    A_KEY,
    A_TIME,
    KEY_TYPES,
    TIME_TYPES,
    Desk,
    Named,
    check_channels,
    check_order,
    check_scope,
)

_PATH: Path = ("customers",)


def build_customers(desk: Desk, model: CustomersModel | None) -> Customers | None:
    """The customers with all their attributes; None where nothing right is said of them."""
    report = desk.report
    if model is None:
        return None
    if model.table is not None and model.derive is not None:
        message = "customers stand in a `table` or are derived, not both"
        report.key((*_PATH, "derive"), message, CATALOGUE_CONFLICT, help="leave `table` or `derive` out")
        return None
    if model.table is not None:
        customers = _from_table(desk, model.table)
    elif model.derive is not None:
        customers = _from_events(desk, model.derive)
    else:
        if not any(report.says((*_PATH, key)) for key in ("table", "derive")):
            report.key(_PATH, "`customers` needs `table` or `derive`")
        return None
    return _finish(desk, model, customers) if customers else None


def attribute_paths(desk: Desk, customers: Customers) -> list[Named]:
    """Every attribute with the path of the key that declares it."""
    derivation = customers.derivation
    declared: dict[str, Path] = {}
    if derivation is not None:
        declared[derivation.key] = ("tables", derivation.table, "columns", derivation.key)
        declared.update((name, (*_PATH, "derive", "attributes", name)) for name in derivation.attributes)
    for table in (customers.table, *customers.joined):
        for name in desk.tables[table].columns if table is not None else ():
            declared.setdefault(name, ("tables", table or "", "columns", name))
    return [(name, declared[name]) for name in customers.attributes]


def _from_table(desk: Desk, name: str) -> Customers | None:
    table = desk.table(name, (*_PATH, "table"))
    key = _key_of(desk, table, (*_PATH, "table"), "customers") if table else None
    if table is None or key is None:
        return None
    return Customers(key, dict(table.columns), table=name, span=desk.report.document.key_span(_PATH))


def _key_of(desk: Desk, table: Table, path: Path, whose: str) -> Column | None:
    """The key column of a table that has to have one."""
    if table.key is None:
        if not desk.report.says(("tables", table.name, "key")):
            message = f"the table `{table.name}` holds {whose} and has no `key`"
            desk.report.value(path, message, CATALOGUE_CONFLICT, help=f"add `key: …` to `{table.name}`")
        return None
    return table.columns.get(table.key)


def _from_events(desk: Desk, model: DerivationModel) -> Customers | None:
    at: Path = (*_PATH, "derive")
    table = desk.table(model.table, (*at, "table"))
    if table is None:
        return None
    key = desk.column(table, model.key, (*at, "key"), KEY_TYPES, A_KEY)
    time = desk.column(table, model.time, (*at, "time"), TIME_TYPES, A_TIME)
    order_by = check_order(desk, table, model.order_by, (*at, "order_by"))
    where = desk.condition(model.where, (*at, "where"), table) if model.where is not None else None
    chosen: dict[str, Chosen] = {}
    attributes: dict[str, Column] = {}
    for name, way in model.attributes.items():
        path = (*at, "attributes", name)
        here = (*path, "column") if way.column is not None else path
        column = desk.column(table, way.column or name, here)
        if column is not None:
            chosen[name] = Chosen(column.name, Choose(way.choose))
            attributes[name] = replace(column, name=name, derive=None, span=desk.report.document.key_span(path))
        if way.choose != "only" and model.order_by is None and not desk.report.says((*at, "order_by")):
            message = f"`{way.choose}` needs an order among rows of one time"
            desk.report.value(path, message, CATALOGUE_CONFLICT, help="add `order_by: …` to `derive`")
    if key is None or time is None:
        return None
    if key.name in attributes:
        desk.report.key((*at, "attributes", key.name), f"`{key.name}` is the customer's key", CATALOGUE_CONFLICT)
    key = replace(key, nullable=False, derive=None)
    derivation = Derivation(table.name, key.name, time.name, order_by, where, chosen)
    span = desk.report.document.key_span(_PATH)
    return Customers(key, {key.name: key} | attributes, derivation=derivation, span=span)


def _finish(desk: Desk, model: CustomersModel, customers: Customers) -> Customers:
    """Customers with the attributes of joined tables, and the date since when they are known."""
    report = desk.report
    attributes = dict(customers.attributes)
    joined: dict[str, Table] = {}
    for i, name in enumerate(model.join or ()):
        path: Path = (*_PATH, "join", i) if report.stands((*_PATH, "join", i)) else (*_PATH, "join")
        table = desk.table(name, path)
        key = _key_of(desk, table, path, "attributes of customers") if table else None
        if table is None or key is None:
            continue
        if name in joined or name == customers.table:
            report.value(path, f"`{name}` is joined already", CATALOGUE_CONFLICT)
            continue
        desk.same_kind(key, customers.key, path)
        joined[name] = table
        for column in table.columns.values():
            if column.name == key.name:
                continue
            if column.name in attributes:
                message = f"joining `{name}` brings a second attribute `{column.name}`"
                remedy = "rename one of them; `column: …` keeps the name in the data"
                report.value(path, message, CATALOGUE_CONFLICT, help=remedy)
            else:
                # A customer without a row there has none of its values.
                attributes[column.name] = replace(column, nullable=True)
    done = replace(customers, attributes=attributes, joined=tuple(joined), since=model.since)
    if model.since is not None:
        column_of_customer(desk, done, model.since, (*_PATH, "since"), TIME_TYPES, A_TIME)
    return done


def column_of_customer(
    desk: Desk, customers: Customers | None, name: str, path: Path, wanted: tuple[type, ...] = (), what: str = ""
) -> Column | None:
    """The attribute that the text at `path` names; with `wanted` its type has to be one of these."""
    if customers is None:
        return None
    column = customers.attributes.get(name)
    if column is None:
        remedy = did_you_mean(name, customers.attributes)
        desk.report.value(path, f"customers have no attribute `{name}`", CATALOGUE_NAME, help=remedy)
    elif wanted:
        desk.fits(column, path, wanted, what)
    return column


# --- relations and suppressions -------------------------------------------------------------------


def build_relations(desk: Desk, model: CatalogueModel, customers: Customers | None) -> dict[str, Relation]:
    """The links to other tables, by name."""
    built = {name: _relation(desk, name, relation, customers) for name, relation in model.relations.items()}
    return {name: relation for name, relation in built.items() if relation is not None}


def _relation(desk: Desk, name: str, model: RelationModel, customers: Customers | None) -> Relation | None:
    path: Path = ("relations", name)
    table = desk.table(model.table, (*path, "table"))
    key = _key_of(desk, table, (*path, "table"), "what a relation leads to") if table else None
    column = column_of_customer(desk, customers, model.column, (*path, "column"))
    if table is None or key is None or column is None:
        return None
    desk.same_kind(column, key, (*path, "column"))
    if model.back is not None:
        check_scope(desk.report, [*_columns_of(table), (model.back, (*path, "back"))])
    return Relation(name, table.name, column.name, model.back, desk.report.document.key_span(path))


def _columns_of(table: Table) -> list[Named]:
    return [(name, ("tables", table.name, "columns", name)) for name in table.columns]


def build_suppressions(
    desk: Desk, model: CatalogueModel, customers: Customers | None, channels: tuple[str, ...]
) -> dict[str, Suppression]:
    """The lists of customers whom nobody may contact, by name."""
    check_scope(desk.report, [(name, ("suppressions", name)) for name in model.suppressions])
    built = {
        name: _suppression(desk, name, suppression, customers, channels)
        for name, suppression in model.suppressions.items()
    }
    return {name: suppression for name, suppression in built.items() if suppression is not None}


def _suppression(
    desk: Desk, name: str, model: SuppressionModel, customers: Customers | None, channels: tuple[str, ...]
) -> Suppression | None:
    path: Path = ("suppressions", name)
    table = desk.table(model.table, (*path, "table"))
    if table is None:
        return None
    key = customers.key if customers else None
    column = desk.holds_key(table, model.customer, (*path, "customer"), key)
    check_channels(desk, model.channels, path, channels)
    if column is None:
        return None
    return Suppression(name, table.name, column.name, tuple(model.channels), desk.report.document.key_span(path))
