"""Where consent stands: attributes of the customer, or a table of records, and how the data spell its states."""

from collections.abc import Mapping

from segrules.diagnostics.codes import CATALOGUE_CONFLICT, CATALOGUE_NAME
from segrules.diagnostics.finding import Related
from segrules.diagnostics.nearest import did_you_mean
from segrules.ir.catalogue import Column, ConsentColumns, Consents, ConsentStatus, ConsentTable, Customers
from segrules.schema.document import Path
from segrules.schema.models import ConsentColumnsModel, ConsentsModel, ConsentTableModel, StatusesModel
from segrules.semantics.catalogue_customers import column_of_customer
from segrules.semantics.catalogue_names import A_TIME, TIME_TYPES, Desk, check_scope
from segrules.types.types import BooleanType, TextType

_PATH: Path = ("consents",)
_DEFAULT_STATUSES = {status.value: status for status in ConsentStatus}


def build_consents(desk: Desk, model: ConsentsModel | None, customers: Customers | None) -> Consents:
    """Consents as the typed tree has them; without any where the catalogue has none."""
    if model is None:
        return Consents()
    report = desk.report
    if model.columns is not None and model.table is not None:
        message = "consent stands in `columns` or in a `table`, not both"
        report.key((*_PATH, "table"), message, CATALOGUE_CONFLICT, help="leave `columns` or `table` out")
    elif not any(report.says((*_PATH, key)) for key in ("columns", "table")):
        report.key(_PATH, "`consents` needs `columns` or `table`")
    statuses = _statuses(desk, model.statuses)
    columns = {
        channel: _columns(desk, channel, record, customers, statuses, model.purposes)
        for channel, record in (model.columns or {}).items()
    }
    table = _table(desk, model.table, customers, statuses) if model.table is not None else None
    channels = _channels(desk, model)
    purposes = model.purposes
    if purposes is None and model.table is not None and model.table.purpose is not None:
        purposes = list(_listed(desk, model.table.table, model.table.purpose))
    check_scope(report, [(channel, _channel_path(desk, model, i)) for i, channel in enumerate(channels)])
    return Consents(tuple(dict.fromkeys(channels)), columns, table, statuses, tuple(purposes or ()))


def _channel_path(desk: Desk, model: ConsentsModel, i: int) -> Path:
    if model.channels is None:
        return (*_PATH, "columns", list(model.columns or ())[i]) if model.columns else _PATH
    return (*_PATH, "channels", i) if desk.report.stands((*_PATH, "channels", i)) else (*_PATH, "channels")


def _channels(desk: Desk, model: ConsentsModel) -> list[str]:
    """The channels: as listed, else those of the columns, else the closed list of the table's channel column."""
    report = desk.report
    if model.channels is not None:
        for i, channel in enumerate(model.channels):
            if model.columns is not None and channel not in model.columns:
                message = f"the channel `{channel}` has no entry in `columns`"
                report.value(_channel_path(desk, model, i), message, CATALOGUE_CONFLICT)
        for channel in model.columns or ():
            if channel not in model.channels:
                message = f"`{channel}` is not among the `channels`"
                remedy = did_you_mean(channel, model.channels)
                report.key((*_PATH, "columns", channel), message, CATALOGUE_NAME, help=remedy)
        return model.channels
    if model.columns is not None:
        return list(model.columns)
    if model.table is None:
        return []
    listed = _listed(desk, model.table.table, model.table.channel)
    if not listed and model.table.table in desk.tables and not report.says((*_PATH, "channels")):
        message = "`consents` does not say which channels there are"
        report.key((*_PATH, "table"), message, help="add `channels: [email, …]`, or `values` to the channel's column")
    return list(listed)


def _listed(desk: Desk, table: str, column: str) -> tuple[str, ...]:
    """The closed list of a column of text; empty where it has none."""
    found = desk.tables[table].columns.get(column) if table in desk.tables else None
    return found.type.values or () if found is not None and isinstance(found.type, TextType) else ()


def _statuses(desk: Desk, model: StatusesModel | None) -> dict[str, ConsentStatus]:
    if model is None:
        return dict(_DEFAULT_STATUSES)
    statuses: dict[str, ConsentStatus] = {}
    for status in ConsentStatus:
        for spelling in getattr(model, status.value):
            if statuses.setdefault(spelling, status) is not status:
                message = f"`{spelling}` stands for {statuses[spelling]} and for {status}"
                desk.report.key((*_PATH, "statuses", status.value), message, CATALOGUE_CONFLICT)
    return statuses


def _columns(
    desk: Desk,
    channel: str,
    model: ConsentColumnsModel,
    customers: Customers | None,
    statuses: Mapping[str, ConsentStatus],
    purposes: list[str] | None,
) -> ConsentColumns:
    path: Path = (*_PATH, "columns", channel)
    wanted = (BooleanType, TextType)
    state = column_of_customer(desk, customers, model.state, (*path, "state"), wanted, "true or false or text")
    if state is not None:
        _check_spellings(desk, state, (*path, "state"), statuses)
    for key, name in (("time", model.time), ("expiry", model.expiry)):
        if name is not None:
            column_of_customer(desk, customers, name, (*path, key), TIME_TYPES, A_TIME)
    for purpose in model.purposes:
        if purposes is not None and purpose not in purposes:
            remedy = did_you_mean(purpose, purposes)
            message = f"`{purpose}` is not among the `purposes`"
            desk.report.value((*path, "purposes"), message, CATALOGUE_NAME, help=remedy)
    return ConsentColumns(channel, model.state, model.time, model.expiry, tuple(model.purposes))


def _check_spellings(desk: Desk, column: Column, path: Path, statuses: Mapping[str, ConsentStatus]) -> None:
    """Every value of a closed list has to be the spelling of a state."""
    if isinstance(column.type, TextType):
        strange = [value for value in column.type.values or () if value not in statuses]
        if strange:
            shown = ", ".join(f"`{value}`" for value in strange)
            message = f"no state of consent is given for {shown} of `{column.name}`"
            remedy = "add it to `granted`, `withdrawn` or `pending` in `statuses`"
            related = [Related(column.span, f"`{column.name}` is declared here")]
            desk.report.value(path, message, CATALOGUE_CONFLICT, help=remedy, related=related)


def _table(
    desk: Desk, model: ConsentTableModel, customers: Customers | None, statuses: Mapping[str, ConsentStatus]
) -> ConsentTable | None:
    path: Path = (*_PATH, "table")
    table = desk.table(model.table, (*path, "table"))
    if table is None:
        return None
    desk.holds_key(table, model.customer, (*path, "customer"), customers.key if customers else None)
    for key, name in (("channel", model.channel), ("purpose", model.purpose)):
        if name is not None:
            desk.column(table, name, (*path, key), (TextType,), "text")
    status = desk.column(table, model.status, (*path, "status"), (TextType,), "text")
    if status is not None:
        _check_spellings(desk, status, (*path, "status"), statuses)
    for key, name in (("time", model.time), ("expiry", model.expiry)):
        if name is not None:
            desk.column(table, name, (*path, key), TIME_TYPES, A_TIME)
    return ConsentTable(
        table=model.table,
        customer=model.customer,
        channel=model.channel,
        status=model.status,
        time=model.time,
        purpose=model.purpose,
        expiry=model.expiry,
    )
