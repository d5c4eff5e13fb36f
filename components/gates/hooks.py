"""Gates as resource hooks of the engine."""

from collections.abc import Awaitable, Callable

import pulumi

Hook = pulumi.ResourceHook | Callable[[pulumi.ResourceHookArgs], Awaitable[None] | None]
"""What a binding takes; its lists are invariant, so ours are of the same type."""


def hook(name: str, gate: Callable[[], Awaitable[None]], *, on_dry_run: bool = False) -> pulumi.ResourceHook:
    """A hook that runs a gate; what the gate raises fails the step. `name` must be unique in the program."""

    async def run(_: pulumi.ResourceHookArgs) -> None:
        await gate()

    return pulumi.ResourceHook(name, run, pulumi.ResourceHookOptions(on_dry_run=on_dry_run))
