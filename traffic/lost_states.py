"""Cells of a state file that is damaged or gone."""

import shutil

from demo.verdict import changes
from traffic.scene import Scene


def truncated(scene: Scene) -> None:
    """The file of the state ends in the middle: `up` says so and touches nothing; a copy of it is put back."""
    whole = scene.project.checkpoint.read_bytes()
    scene.project.checkpoint.write_bytes(whole[: len(whole) // 2])
    scene.mark("state truncated")
    outcome = scene.refused()
    scene.expect("failed to load checkpoint" in outcome.output, f"it said: {outcome.output.strip()[-500:]}")
    scene.project.checkpoint.write_bytes(whole)
    outcome = scene.up("put back")
    scene.expect(changed_nothing(outcome.output), "the state that was put back is not what is there")


def lost(scene: Scene) -> None:
    """The state is gone: what carries the stack's identity is taken over, and no pod is restarted. Newer providers have
    to be told to, and say so.
    """
    before = {pod.uid for pod in scene.space.staying()}
    _lose(scene)
    scene.project.must("stack", "init", "dev")
    outcome = scene.try_up("up with an empty state")
    if outcome.exit_code != 0:
        scene.expect("already exists" in outcome.output, f"it said: {outcome.output.strip()[-500:]}")
        scene.provider["upsertExistingObjects"] = "true"
        scene.up("adopts")
        scene.provider.clear()
    scene.see(scene.version())
    scene.expect({pod.uid for pod in scene.space.staying()} == before, "pods were restarted")
    outcome = scene.up("up again")
    scene.expect(changed_nothing(outcome.output), "what was taken over is not what is there")
    scene.swap()
    scene.up("cutover")


def restored(scene: Scene) -> None:
    """The state is gone. A copy is older than the cluster: `refresh` brings it up to date, and no pod is restarted."""
    scene.swap()
    scene.up("cutover")
    scene.space.wait_for_leavers()
    scene.space.wait_ready(None, 4)
    before = {pod.uid for pod in scene.space.staying()}
    backups = sorted(scene.project.checkpoint.parents[2].glob("backups/*/*/*.json"))
    _lose(scene)
    shutil.copy(backups[-2], scene.project.checkpoint)
    scene.project.must("refresh", "--yes", "--skip-preview")
    scene.up("adopts")
    scene.expect({pod.uid for pod in scene.space.staying()} == before, "pods were restarted")
    scene.swap()
    scene.up("back")


def changed_nothing(output: str) -> bool:
    """By the engine's own sums."""
    return not any(line[0] in "+-~" for line in changes(output))


def _lose(scene: Scene) -> None:
    for path in scene.project.checkpoint.parent.glob("dev.*"):
        path.unlink()
    scene.mark("state lost")
    outcome = scene.try_up("up without state")
    scene.expect(outcome.exit_code != 0, "`pulumi up` without a state succeeded")
    scene.facts["says"] = outcome.output.strip().splitlines()[-1][:200]
