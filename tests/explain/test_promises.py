"""Groups and policies in plain English."""

import pytest

import segrules

CATALOGUE = """\
format: 1
time_zone: Europe/London
tables:
  people:
    path: people.csv
    key: id
    columns:
      id: {type: integer, nullable: false}
      age: integer
      club: {type: text, labels: {category: health}}
      email_ok: {type: text}
customers: {table: people}
consents:
  columns: {email: {state: email_ok}}
"""
RULES = """\
segment a "The young"
  where age < 30

segment b
  where age >= 30

define known_age as age is known

group both "One or the other"
  exclusive a, b
  covers everyone a, b, known_age
  subset a of known_age

policy careful "With care"
  applies to segments a, b
  require age >= 18 and known_age
  require consent email
  forbid reading health, proxy outside eligible

policy idle
  applies to segments with channel sms
  require age >= 18
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> segrules.RuleSet:
    folder = tmp_path_factory.mktemp("promises")
    (folder / "segrules.toml").write_text('language = 1\ncatalogue = "catalog.yaml"\n')
    (folder / "catalog.yaml").write_text(CATALOGUE)
    (folder / "rules.seg").write_text(RULES)
    return segrules.load(folder)


def test_a_group(rules: segrules.RuleSet) -> None:
    assert (
        rules.show("both")
        == """\
group `both`: One or the other
  nobody is in two of these:
    - is a member of `a`
    - is a member of `b`
  every customer is in at least one of these:
    - is a member of `a`
    - is a member of `b`
    - `known_age`, that is: `age` is known
  whoever is in the first of these is in the second:
    - is a member of `a`
    - `known_age`, as told above
"""
    )


def test_a_policy(rules: segrules.RuleSet) -> None:
    assert (
        rules.show("careful")
        == """\
policy `careful`: With care
  applies to `a` and `b`
  requires that each member is known to satisfy this:
    - `age` is at least 18
    - `known_age`, that is: `age` is known
  requires that each member has consent for `email`
  forbids reading what is labelled `health` or `proxy`, but in `eligible`
"""
    )
    assert (
        rules.show("idle")
        == """\
policy `idle`
  applies to no segment of this project
  requires that each member is known to satisfy this:
    - `age` is at least 18
"""
    )


def test_an_unknown_name_is_helped(rules: segrules.RuleSet) -> None:
    with pytest.raises(segrules.UnknownName, match="no `carefull` to show") as caught:
        rules.show("carefull")
    assert "careful" in (caught.value.help or "")
