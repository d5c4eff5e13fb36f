"""The advice about pod templates, as warnings of `pulumi preview` and `pulumi up`: what may cost requests or rights."""

from collections.abc import Iterable, Mapping
from typing import Any

import pulumi

from components.podspec.advice import advice
from components.podspec.restricted import loosened
from contract.labels import CONTAINER


def tell_advice(component: pulumi.Resource, templates: Iterable[Mapping[str, Any]], *, fragments: bool) -> None:
    """Each line once, however many templates it is true of. `fragments`: something of them is from a `pod` of the
    settings, so what is less than "restricted" is told too.
    """
    every = list(templates)
    lines = [line for template in every for line in advice(template, CONTAINER)]
    if fragments:
        lines += [f"less than the restricted standard: {line}" for template in every for line in loosened(template)]
    for line in dict.fromkeys(lines):
        pulumi.warn(line, component)
