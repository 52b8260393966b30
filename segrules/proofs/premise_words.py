"""What a proof rests on besides the catalogue, in words."""

from collections.abc import Sequence

from segrules.explain.lines import listed

_CUTS = "whatever the cut points of "


def any_cut_points(of: str) -> str:
    """The premise that the bands of a score may be cut anywhere."""
    return f"{_CUTS}{of}"


def premise_words(premises: Sequence[str]) -> str:
    """All premises in one: "whatever the cut points of `rfm.frequency` and `rfm.recency`"."""
    cut = [f"`{item.removeprefix(_CUTS)}`" for item in premises if item.startswith(_CUTS)]
    others = [item for item in premises if not item.startswith(_CUTS)]
    return listed([*([_CUTS + listed(cut)] if cut else []), *others])
