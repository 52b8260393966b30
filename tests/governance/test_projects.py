"""Packs, labels and what `show` says of them, in a project's files."""

from pathlib import Path

import pytest

import segrules
from tests.governance.shop import CATALOGUE

RULES = """\
define sick as did purchase where (category = "pharmacy")
segment s
  where sick and income > 5 and logins > 2
"""


def project(folder: Path, settings: str = "", catalogue: str = CATALOGUE, rules: str = RULES) -> segrules.RuleSet:
    (folder / "segrules.toml").write_text(f'language = 1\ncatalogue = "catalog.yaml"\n{settings}', encoding="utf-8")
    (folder / "catalog.yaml").write_text(catalogue, encoding="utf-8")
    (folder / "rules.seg").write_text(rules, encoding="utf-8")
    return segrules.load(folder)


def codes(rules: segrules.RuleSet) -> list[str]:
    return [f"{item.code.name} {item.severity}" for item in rules.check()]


def test_the_pack_for_the_gdpr_is_on_and_can_be_switched_off(tmp_path: Path) -> None:
    assert codes(project(tmp_path)) == ["unjustified-reading error"]
    assert codes(project(tmp_path, '[packs]\ngdpr = "warning"\n')) == ["unjustified-reading warning"]
    assert codes(project(tmp_path, '[packs]\ngdpr = "off"\n')) == []


def test_only_check_looks_at_the_clock(tmp_path: Path) -> None:
    justified = '  justified "They asked for it" by "dpo@shop.example" until 2020-01-01\n'
    rules = project(tmp_path, rules=RULES + justified)
    assert rules.findings == ()
    assert codes(rules) == ["expired-justification error"]


def test_rules_with_a_finding_about_labels_can_be_shown(tmp_path: Path) -> None:
    rules = project(tmp_path)
    assert rules.sound
    sick = "the define `sick`, the property `purchase.category`, where it is `pharmacy`"
    assert rules.show("s").splitlines()[-4:] == [
        "reads sensitive data:",
        "  financial_status: the attribute `income`",
        f"  health (GDPR Article 9, CPRA sensitive): {sick}",
        "  inferred: the attribute `income`",
    ]


def test_what_reads_nothing_sensitive_has_no_such_section(tmp_path: Path) -> None:
    rules = project(tmp_path, rules="segment s where logins > 2\n")
    assert "sensitive" not in rules.show("s")


@pytest.mark.parametrize(
    ("settings", "message", "help_"),
    [
        ('[packs]\ngpdr = "on"\n', "unknown pack `gpdr`", "did you mean `gdpr`?"),
        ('[packs]\ngdpr = "high"\n', "unknown level `high`", "packs take `on`, `error`, `warning`, `note`, `off`"),
        ("packs = 3\n", "`packs` must be a table of levels", None),
    ],
)
def test_wrong_packs(tmp_path: Path, settings: str, message: str, help_: str | None) -> None:
    with pytest.raises(segrules.BadInput) as caught:
        project(tmp_path, settings)
    assert [(item.message, item.help) for item in caught.value.findings] == [(message, help_)]


def test_labels_of_the_catalogue_are_known_or_declared(tmp_path: Path) -> None:
    wrong = CATALOGUE.replace("labels: [spend]\n", "").replace("identifiability: quasi", "identifiability: quasy")
    wrong = wrong.replace("pharmacy: {category: health}", "pharmacy: {category: helth}")
    found = project(tmp_path, '[packs]\ngdpr = "off"\n', wrong).check()
    unknown = "which is no known category"
    declare = "a name of the project's own is declared under `labels` at the top of the catalogue"
    assert [(item.message, item.help) for item in found] == [
        ("`identifiability` of `people.postcode` says `quasy`", "did you mean `quasi`?"),
        (f"`category` of `people.outlay` says `spend`, {unknown}", declare),
        (f"`category` of `pharmacy` of `orders.category` says `helth`, {unknown}", "did you mean `health`?"),
    ]
