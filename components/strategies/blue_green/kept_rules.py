"""Cross-field rules of `keep` and `kept`: each kept release has pods, and is none of the others."""

from collections.abc import Iterator

from components.settings.base import Fault, Rule, Values
from components.settings.release import Release


def _no_more_than_asked_for(values: Values) -> Iterator[Fault]:
    """`kept` has at most one release less than `keep`: the color that stands by is the first that is kept."""
    keep, kept = values["keep"], values["kept"]
    if len(kept) > keep - 1:
        yield Fault(
            ("kept",),
            f"kept has {len(kept)}, and keep is {keep}: the color that stands by and {keep - 1} more",
            "pods of releases that nobody asked for would take up what others need",
            f"remove the last {len(kept) - keep + 1} of kept, or set keep to {len(kept) + 1}",
        )


def _told_apart(values: Values) -> Iterator[Fault]:
    """No version and build stands in `kept` twice, or with another content than on a color; none is adopted."""
    known: dict[str, tuple[str, Release]] = {
        values[color].id: (color, values[color]) for color in ("blue", "green") if values[color]
    }
    for place, release in enumerate(values["kept"]):
        where, other = known.setdefault(release.id, (f"kept[{place}]", release))
        called = f"version {release.version} build {release.build}"
        if release.adopt:
            yield Fault(
                ("kept", place, "adopt"),
                "a kept release is adopted",
                "what was there before goes away with the next release, so nothing of it stands by",
                "remove adopt: pods of our own are made of it",
            )
        elif where == f"kept[{place}]":
            continue
        elif where.startswith("kept"):
            yield Fault(("kept", place), f"{called} is {where} too", "it would be kept once", "remove one of the two")
        elif other != release:
            yield Fault(
                ("kept", place),
                f"{called} is {where} too, with another content",
                "one id would stand for two contents: gates, labels and the history could not tell them apart",
                f"remove it here: {where} has it",
            )


def _stands_by(values: Values) -> Iterator[Fault]:
    """`kept` goes neither with `port: null` nor with `expose_both`."""
    for key, given, why in (
        (
            "port",
            values["port"] is None,
            "a worker's releases that do not serve have no pods, so nothing would be kept",
        ),
        ("expose_both", values["expose_both"], "the Service over both colors would send requests to them"),
    ):
        if values["kept"] and given:
            yield Fault(
                ("kept",),
                f"kept is set together with {key}: {'null' if key == 'port' else 'true'}",
                why,
                f"remove kept, or {'set port' if key == 'port' else 'remove expose_both'}",
            )


def _found_by_nobody(values: Values) -> Iterator[Fault]:
    """`kept` does not go with a `canary` by replicas."""
    if values["kept"] and values["canary"] and values["route"] is None and values["cutover"] == "selector":
        yield Fault(
            ("kept",),
            "kept is set together with canary, and there is neither a route nor cutover: labels",
            "the live Service then finds all pods of the service by one selector, those of kept releases too",
            "remove kept for as long as there is a canary, or give the service a route or cutover: labels",
        )


KEPT_RULES: tuple[Rule, ...] = (
    Rule(("keep", "kept"), _no_more_than_asked_for),
    Rule(("kept", "blue", "green"), _told_apart),
    Rule(("kept", "port", "expose_both"), _stands_by),
    Rule(("kept", "canary", "route", "cutover"), _found_by_nobody),
)
