"""URNs: `urn:pulumi:STACK::PROJECT::PARENT_TYPE$TYPE::NAME`, and the older URNs that a goal's aliases name."""

from collections.abc import Iterable, Sequence
from typing import Any

STACK_TYPE = "pulumi:pulumi:Stack"
PROVIDER_PREFIX = "pulumi:providers:"


def make(stack: str, project: str, parent: str, type_: str, name: str) -> str:
    """Build a URN; the root stack and no parent add nothing to the type."""
    above = qualified_type(parent) if parent else ""
    prefix = f"{above}$" if above and above != STACK_TYPE else ""
    return f"urn:pulumi:{stack}::{project}::{prefix}{type_}::{name}"


def qualified_type(urn: str) -> str:
    """Return the type with its parents' types."""
    return urn.split("::", 3)[2]


def name(urn: str) -> str:
    """Return the last part; a name may itself hold `::`."""
    return urn.split("::", 3)[3]


def type_of(urn: str) -> str:
    """Return the resource's own type."""
    return qualified_type(urn).rsplit("$", 1)[-1]


def split_provider(reference: str) -> tuple[str, str]:
    """Split a provider reference `URN::ID`."""
    urn, _, id_ = reference.rpartition("::")
    return urn, id_


def is_default_provider(urn: str) -> bool:
    """Whether the URN is that of a provider which the engine made by itself."""
    return type_of(urn).startswith(PROVIDER_PREFIX) and name(urn).startswith("default")


def aliases(
    own: tuple[str, str, str, str, str], specs: Iterable[Any], urns: Iterable[str], parents: Sequence[str]
) -> list[str]:
    """List the URNs a resource may have had, in the order they are tried.

    `own` is (stack, project, parent, type, name), `specs` are alias messages, `parents` the parent's own older URNs:
    a child of a renamed parent is found under the parent's old URN without an alias of its own.
    """
    stack, project, parent, type_, own_name = own
    found = list(urns)
    for alias in specs:
        if alias.WhichOneof("alias") == "urn":
            found.append(alias.urn)
            continue
        spec = alias.spec
        if spec.noParent:
            above = [""]
        elif spec.parentUrn:
            above = [spec.parentUrn]
        else:
            above = [parent, *parents]
        base = (spec.stack or stack, spec.project or project)
        found += [make(*base, one, spec.type or type_, spec.name or own_name) for one in above]
    for old_parent in parents:
        child = own_name
        # A child named after its component follows the component's rename.
        if parent and child.startswith(name(parent)):
            child = name(old_parent) + child.removeprefix(name(parent))
        found.append(make(stack, project, old_parent, type_, child))
        found.append(make(stack, project, old_parent, type_, own_name))
    return list(dict.fromkeys(found))
