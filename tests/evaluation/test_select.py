"""Which segments a run takes."""

import pytest

from segrules.diagnostics.errors import BadInput
from segrules.evaluation.select import select
from segrules.ir.rules import Status
from tests.evaluation.build import partition, rules, segment

RULES = rules(
    [segment("vip"), segment("lapsed"), segment("trial", Status.DRAFT), segment("old", Status.RETIRED)],
    [partition("stages")],
)


def test_active_segments_are_run_and_drafts_where_asked() -> None:
    assert select(RULES, None, drafts=False) == ("lapsed", "vip")
    assert select(RULES, None, drafts=True) == ("lapsed", "trial", "vip")


def test_only_those_asked_for_are_run() -> None:
    assert select(RULES, ["vip", "vip"], drafts=False) == ("vip",)
    assert select(RULES, [], drafts=False) == ()


@pytest.mark.parametrize(
    ("name", "message", "help_"),
    [
        ("vpi", "there is no segment `vpi`", "did you mean `vip`?"),
        ("zzz", "there is no segment `zzz`", "there are `lapsed`, `old`, `trial`, `vip`"),
        ("stages", "there is no segment `stages`", "`stages` is a partition; partitions are always written"),
        (
            "trial",
            "segment `trial` is a draft, which is not run",
            'add `--include draft` (in Python `include="draft"`)',
        ),
        ("old", "segment `old` is retired, which is not run", "set its status to `active`"),
    ],
)
def test_what_cannot_be_run_is_refused(name: str, message: str, help_: str) -> None:
    with pytest.raises(BadInput) as caught:
        select(RULES, [name], drafts=False)
    assert (caught.value.message, caught.value.help) == (message, help_)
