"""Definitions worked out for the customers of a world when something first asks for them, each once."""

from collections.abc import Callable

from segrules.ir import nodes as ir
from segrules.ir.rules import Rules
from segrules.reference.evaluate import Evaluation
from segrules.reference.parts import Parts
from segrules.reference.population import Crowd
from segrules.reference.results import WorkedOut, results_for
from segrules.reference.values import Result, Truth
from segrules.reference.world import Customer, World


def on_demand(rules: Rules, world: World, parts: Parts) -> tuple[Evaluation, "OnDemand"]:
    """An evaluation of which nothing is worked out yet, and its results, which work themselves out."""
    known = results_for(rules, world, OnDemand)
    evaluation = Evaluation(rules, world, parts, known)
    known.step, known.crowd = evaluation.work_out_step, evaluation.work_out_crowd
    return evaluation, known


class OnDemand(WorkedOut):
    """Results that are worked out, by `step` and `crowd`, when they are asked for and not there."""

    step: Callable[[str, str], None]
    crowd: Callable[[Crowd], None]

    def condition(self, name: str, customer: Customer) -> Truth:
        """A define's condition."""
        if name not in self.conditions:
            self.step("define", name)
        return super().condition(name, customer)

    def value(self, name: str, customer: Customer) -> Result:
        """A define's value."""
        if name not in self.values:
            self.step("define", name)
        return super().value(name, customer)

    def band(self, score: str, rank: str, customer: Customer) -> Result:
        """A score's band."""
        if (score, rank) not in self.bands:
            self.step("score", score)
        return super().band(score, rank, customer)

    def qualifies(self, segment: str, customer: Customer) -> Truth:
        """Whether a customer qualifies for a segment."""
        if segment not in self.qualifying:
            self.step("segment", segment)
        return super().qualifies(segment, customer)

    def in_stage(self, partition: str, stage: str, customer: Customer) -> Truth:
        """Whether a customer is in a stage, or in the `otherwise`, of a partition."""
        if (partition, stage) not in self.stages:
            self.step("partition", partition)
        return super().in_stage(partition, stage, customer)

    def figure(self, node: ir.Figure) -> Result:
        """A population figure."""
        if node not in self.figures:
            self.crowd(node)
        return super().figure(node)

    def top(self, node: ir.Top, customer: Customer) -> Truth:
        """Whether a customer is at the top."""
        if node not in self.tops:
            self.crowd(node)
        return super().top(node, customer)
