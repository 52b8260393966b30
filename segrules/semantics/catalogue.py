"""The catalogue's file into the catalogue of the typed tree.

Text → document (`schema/load.py`) → model (`schema/check.py`) → tables, customers, events and the rest, here.
"""

from dataclasses import replace

from segrules.diagnostics.finding import Finding, has_errors
from segrules.ir.catalogue import Catalogue, Customers, LeapDay
from segrules.schema.check import check
from segrules.schema.load import load
from segrules.schema.models import CatalogueModel
from segrules.schema.report import Report
from segrules.semantics.catalogue_caps import build_caps
from segrules.semantics.catalogue_consents import build_consents
from segrules.semantics.catalogue_customers import (
    attribute_paths,
    build_customers,
    build_relations,
    build_suppressions,
)
from segrules.semantics.catalogue_events import build_events
from segrules.semantics.catalogue_names import Desk, check_scope, zone
from segrules.semantics.catalogue_tables import build_tables
from segrules.text.source import Source

_REQUIRED = {
    "time_zone": "time_zone: Europe/London",
    "tables": "tables: {people: {path: people.csv, key: id, columns: {id: text}}}",
    "customers": "customers: {table: people}",
}
"""What every catalogue says, with examples."""


def read_catalogue(source: Source) -> tuple[Catalogue | None, list[Finding]]:
    """The catalogue of `catalog.yaml` and everything that is wrong with it.

    None where there is an error among the findings. Never raises for bad content.
    """
    document, findings = load(source)
    if document is None:
        return None, findings
    report = Report(document)
    report.findings.extend(findings)
    model = check(report)
    catalogue = build_catalogue(model, report) if model is not None else None
    return (None if has_errors(report.findings) else catalogue), report.findings


def build_catalogue(model: CatalogueModel, report: Report) -> Catalogue | None:
    """Tables, customers, events and the rest out of what is right in `model`; what is wrong goes to `report`.

    None where there is no telling who the customers are.
    """
    # A null in place of tables has its finding already.
    missing = [key for key in _REQUIRED if not (report.stands((key,)) if key == "tables" else report.says((key,)))]
    if missing:
        *before, last = (f"`{key}`" for key in missing)
        shown = f"{', '.join(before)} and {last}" if before else last
        report.key((), f"the catalogue does not say its {shown}", help=f"such as `{_REQUIRED[missing[0]]}`")
    home = model.time_zone if model.time_zone and zone(report, model.time_zone, ("time_zone",)) else None
    desk = Desk(report, build_tables(report, model, home), home)
    customers = build_customers(desk, model.customers)
    consents = build_consents(desk, model.consents, customers)
    events = build_events(desk, model, customers)
    relations = build_relations(desk, model, customers)
    suppressions = build_suppressions(desk, model, customers, consents.channels)
    _check_names(desk, model, customers)
    if customers is None:
        return None
    catalogue = Catalogue(
        path=report.document.path,
        zone=home or "UTC",
        tables=desk.tables,
        customers=customers,
        events=events,
        relations=relations,
        consents=consents,
        suppressions=suppressions,
        leap_day=LeapDay(model.leap_day),
        labels=tuple(model.labels),
    )
    return replace(catalogue, caps=build_caps(desk, model, catalogue))


def _check_names(desk: Desk, model: CatalogueModel, customers: Customers | None) -> None:
    """Attributes, events and relations share one namespace, in which rules put their definitions too."""
    attributes = attribute_paths(desk, customers) if customers else []
    events = [(name, ("events", name)) for name in model.events]
    relations = [(name, ("relations", name)) for name in model.relations]
    check_scope(desk.report, [*attributes, *events, *relations], built_in=True)
