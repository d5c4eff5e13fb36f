"""The stack's updates as data: what each left live, from which commit, by whom. Pure.

What an update *wanted* is its config; of a front over services side by side, the `service` that it sends to. It is what
was live after it only where an `up` succeeded; a destroy leaves nothing. What only looks, or edits the state, such as a
refresh, has the config in its record too and carries nothing out: what was live before stays so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from contract.text import harmless, one_line
from cutover.engine.records import Update
from cutover.observe.records import ColorStatus, ServiceStatus
from cutover.operations.history.past import served, services_of
from cutover.stackfile.find import own_name
from cutover.strategies.fronts import environment_fronts, fronts

Json = dict[str, Any]


def rows(updates: Sequence[Update]) -> list[Json]:
    """The updates, newest first as they come. `moved` names the services that are live otherwise than before it."""
    found: list[Json] = []
    before: Json = {}
    for update in reversed(updates):
        row = _row(update, before)
        if row["result"] == "succeeded":
            before = row["live"]
        found.insert(0, row)
    return found


def name_contents(found: Iterable[Json], running: Mapping[tuple[str, str, str], str]) -> None:
    """Add the digests of releases that the config names by tag only and that are still there.

    `running`: what the pods run, by service, release (`1.5.0 build 3`) and image.
    """
    for row in found:
        for name, release in (*row["wanted"].items(), *row["live"].items()):
            key = (
                release.get("service", name),
                f"{release['version']} build {release['build']}",
                str(release["image"]),
            )
            if not release["digest"] and key in running:
                release |= {"digest": running[key], "digestFrom": "cluster"}


def with_updates(
    services: Mapping[str, ServiceStatus], updates: Sequence[Update], stack: str
) -> dict[str, ServiceStatus]:
    """The services with the number of the update that each release came with: the one during which that was noted.

    A program does not know its update's number, so it can note the time alone. What another stack noted has no number.
    """
    runs = sorted((update for update in updates if update.kind == "update"), key=lambda update: update.number)

    def numbered(color: ColorStatus) -> ColorStatus:
        noted_by = color.origin.get("stack", stack)
        at = _noted_at(color) if own_name(noted_by) == own_name(stack) else None
        # All three times are cut to whole seconds. Of two updates that share one it is the first: there is a note
        # right before the end of an update, and none right after the start of one.
        found = next((run for run in runs if at and run.started <= at and (not run.ended or at <= run.ended)), None)
        return replace(color, update=found.number) if found else color

    return {
        name: replace(service, colors={key: numbered(color) for key, color in service.colors.items()})
        for name, service in services.items()
    }


def _noted_at(color: ColorStatus) -> datetime | None:
    try:
        found = datetime.fromisoformat(color.origin.get("deployedAt", ""))
    except ValueError:  # nothing, or what somebody wrote there by hand
        return None
    return found.astimezone(UTC) if found.tzinfo else None


def _row(update: Update, before: Json) -> Json:
    services = services_of(update)
    wanted = {name: _release(service.active, served(service)) for name, service in services.items()}
    for name, front in (fronts(update.services) | environment_fronts(update.environments)).items():
        backend = front.backends.get(front.active, "")
        wanted[name] = _release(front.active, served(services.get(backend))) | {"service": backend}
    wanted = harmless(wanted)
    good, carries_out = update.result == "succeeded", update.kind == "update"
    after = wanted if carries_out else {} if update.kind == "destroy" else before
    live = after if good else {}
    environment = harmless(dict(update.environment))  # what git and the CI system said of themselves
    return {
        "number": update.number,
        "kind": update.kind,
        "result": update.result,
        "startedAt": f"{update.started:%Y-%m-%dT%H:%M:%SZ}",
        "endedAt": f"{update.ended:%Y-%m-%dT%H:%M:%SZ}" if update.ended else None,
        "live": live,
        "wanted": wanted,
        "moved": [name for name in live if live[name] != before.get(name)],  # none where `live` is `before`
        "who": environment.get("git.author") or environment.get("git.committer") or "",
        "commit": environment.get("git.head", ""),
        "uncommitted": environment.get("git.dirty") == "true",
        "repository": _repository(environment),
        "run": environment.get("ci.build.url", ""),
        "message": "\n".join(one_line(line, len(line)) for line in update.message.splitlines()),
        "changes": dict(update.changes),
    }


def _release(color: str | None, release: Mapping[str, Any] | None) -> Json:
    image = str((release or {}).get("image") or "")
    digest = image.partition("@")[2]
    return {
        "color": color,
        "version": (release or {}).get("version"),
        "build": (release or {}).get("build"),
        "image": image,
        "digest": digest,
        "digestFrom": "config" if digest else "",
    }


def _repository(environment: Mapping[str, str]) -> str:
    """As the engine recorded it, which keeps no URL: the remote's host, the owner and the name."""
    host, owner, name = (environment.get(f"vcs.{key}", "") for key in ("kind", "owner", "repo"))
    return f"https://{host}/{owner}/{name}" if host and owner and name else ""
