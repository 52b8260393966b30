"""Caps of the catalogue: how often anybody may be contacted on a channel, whatever the rules say."""

from segrules.ir.catalogue import Cap, Catalogue
from segrules.schema.document import Path
from segrules.schema.models import CapModel, CatalogueModel
from segrules.semantics.catalogue_names import Desk, check_channels, check_scope


def build_caps(desk: Desk, model: CatalogueModel, catalogue: Catalogue) -> dict[str, Cap]:
    """The caps by name; `catalogue` has all else that they can speak of."""
    check_scope(desk.report, [(name, ("caps", name)) for name in model.caps])
    built = {name: _cap(desk, name, cap, catalogue) for name, cap in model.caps.items()}
    return {name: cap for name, cap in built.items() if cap is not None}


def _cap(desk: Desk, name: str, model: CapModel, catalogue: Catalogue) -> Cap | None:
    # Loaded here: the parser of the rule language is not needed for a catalogue without caps.
    from segrules.semantics.caps import bind_text

    path: Path = ("caps", name)
    check_channels(desk, model.channels, path, catalogue.consents.channels)
    condition, findings = bind_text(model.require, desk.report.document.text_span((*path, "require")), catalogue)
    desk.report.findings.extend(findings)
    if condition is None:
        return None
    return Cap(name, tuple(model.channels), condition, desk.report.document.key_span(path))
