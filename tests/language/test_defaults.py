"""What a ruleset says holds for the segments of its own file, and for no other."""

from segrules.ir.rules import Segment, Status
from tests.language.cases import read

WITH_DEFAULTS = """\
ruleset letters
  owner "letters@shop.example"
  purpose survey
  channel email, post
  tags weekly
  status draft
  priority 3
  except do_not_write
  eligible age >= 18
  consent email

segment plain
  where vip

segment own
  owner "own@shop.example"
  channel sms
  status active
  where vip
  except staff
  eligible age >= 21
  consent sms
"""
ELSEWHERE = "segment elsewhere\n  where vip\n"


def _segments() -> dict[str, Segment]:
    rules, findings = read([WITH_DEFAULTS, ELSEWHERE])
    assert not findings
    return dict(rules.segments)


def test_a_segment_takes_what_it_does_not_say_itself() -> None:
    header = _segments()["plain"].header
    assert header.owner == "letters@shop.example"
    assert header.purposes == ("survey",)
    assert header.channels == ("email", "post")
    assert header.tags == ("weekly",)
    assert header.priority == 3
    assert header.status is Status.DRAFT


def test_its_own_header_replaces_the_defaults_clause_by_clause() -> None:
    header = _segments()["own"].header
    assert header.owner == "own@shop.example"
    assert header.channels == ("sms",)
    assert header.status is Status.ACTIVE
    assert header.purposes == ("survey",)


def test_guards_add_to_each_other() -> None:
    own = _segments()["own"]
    assert [(item.name, item.inherited) for item in own.excepts] == [("staff", False), ("do_not_write", True)]
    assert [item.inherited for item in own.eligible] == [False, True]
    assert [item.inherited for item in own.consents] == [False, True]


def test_other_files_inherit_nothing() -> None:
    segment = _segments()["elsewhere"]
    assert segment.header.owner is None
    assert segment.header.channels == ()
    assert segment.header.status is Status.ACTIVE
    assert (segment.excepts, segment.eligible, segment.consents) == ((), (), ())
