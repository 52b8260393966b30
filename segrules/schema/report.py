"""Findings about a document, placed by the path of the key or value that is wrong."""

from collections.abc import Iterable

from segrules.diagnostics.codes import BAD_CATALOGUE
from segrules.diagnostics.finding import Code, Finding, Related, finding
from segrules.schema.document import Document, Path, Scalar


class Report:
    """Collects findings about `document`."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.findings: list[Finding] = []

    def value(
        self,
        path: Path,
        message: str,
        code: Code = BAD_CATALOGUE,
        *,
        help: str | None = None,  # noqa: A002  the field's name in every output
        related: Iterable[Related] = (),
    ) -> None:
        """Report the value at `path`."""
        self.findings.append(finding(code, message, self.document.value_span(path), help=help, related=related))

    def key(
        self,
        path: Path,
        message: str,
        code: Code = BAD_CATALOGUE,
        *,
        help: str | None = None,  # noqa: A002  the field's name in every output
        related: Iterable[Related] = (),
    ) -> None:
        """Report the key at `path`."""
        self.findings.append(finding(code, message, self.document.key_span(path), help=help, related=related))

    def stands(self, path: Path) -> bool:
        """Whether something is written at `path`, right or wrong: what is wrong there has its finding already."""
        return self.document.find(path) is not None

    def says(self, path: Path) -> bool:
        """Whether something other than null is written at `path`."""
        node = self.document.find(path)
        return node is not None and not (isinstance(node, Scalar) and node.value is None)
