"""The base of all components: a resource without an object of its own, whose namespace never changes.

The engine makes each object anew in another namespace, and deletes the old ones at the end of the same run: the Service
that clients know would be gone. The old namespace is in the engine's state only, which a hook is told of.
"""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.hooks.engine import Hook, hook_with_arguments
from components.manifests.registration import few_frames
from components.rules.errors import NamespaceChanged
from contract.text import one_line


class Component(pulumi.ComponentResource):
    """A component of the given kind (`RollingApp`) in a namespace. Its update is refused where that is another one than
    before, in a preview too: NamespaceChanged.
    """

    outputs: Mapping[str, Any]
    """The outputs by their names in the stack: `previewAddress` is the attribute `preview_address`."""

    def __init__(self, kind: str, name: str, namespace: str, opts: pulumi.ResourceOptions | None) -> None:
        async def stays(args: pulumi.ResourceHookArgs) -> None:
            before = (args.old_inputs or {}).get("namespace")
            if before is not None and before != namespace:
                raise _changed(name, one_line(str(before)), namespace)

        hooks: list[Hook] = [hook_with_arguments(f"{kind}-{name}-stays", stays, on_dry_run=True)]
        own = pulumi.ResourceOptions(hooks=pulumi.ResourceHookBinding(before_update=hooks))
        with few_frames():
            super().__init__(
                f"cutover:index:{kind}", name, {"namespace": namespace}, pulumi.ResourceOptions.merge(opts, own)
            )

    def publish(self, outputs: Mapping[str, Any]) -> None:
        """Register the outputs: the last step of each constructor."""
        self.outputs = outputs
        self.register_outputs(dict(outputs))


def _changed(name: str, before: str, now: str) -> NamespaceChanged:
    return NamespaceChanged(
        f"{name} is in namespace {before}, and the config says {now}",
        f"all of it would be made anew in {now}, and what serves in {before} would end in the same run",
        f"set the namespace to {before} again; to move without a loss: a second stack for {now}, `pulumi up`, send the "
        "clients there, and then `pulumi destroy` of this one",
    )
