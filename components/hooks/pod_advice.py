"""Tells what the pod templates of a service allow and cost, as warnings of `pulumi preview` and `pulumi up`."""

from collections.abc import Iterable, Mapping
from typing import Any

import pulumi

from components.podspec.advice import advice
from contract.labels import CONTAINER


def tell_advice(component: pulumi.Resource, templates: Iterable[Mapping[str, Any]]) -> None:
    """Each line once, however many templates it is true of."""
    for line in dict.fromkeys(line for template in templates for line in advice(template, CONTAINER)):
        pulumi.warn(line, component)
