"""The settings of a service with several versions side by side, each at an address of its own."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, WithJsonSchema

from components.rules.names import RESERVED_KEYS, is_version_key
from components.settings import adopt_rules, content_rules, fragment_rules
from components.settings.autoscale import SCALED_RULES, Autoscale
from components.settings.base import Why, refusal
from components.settings.beside_rules import AUTOSCALER_RULES
from components.settings.fragment import AutoscalerFragment
from components.settings.pod import PORT, PodSettings, ServedPort
from components.settings.release import Release
from components.settings.service_rules import ONE_OF_MANY_RULES
from components.settings.smoke import SmokeCheck
from components.settings.surge_rules import ROLLING_SURGE
from components.settings.values import Positive
from components.strategies.rolling.settings import RollingSettings
from components.strategies.versions.rules import SIDE_BY_SIDE_RULES
from contract.text import quoted

MAX_KEY = 16
_KEY_SCHEMA = WithJsonSchema({"type": "string", "pattern": r"^[a-z][a-z0-9]{0,15}$", "not": {"enum": [*RESERVED_KEYS]}})


def _version_key(text: str) -> str:
    if len(text) > MAX_KEY or not is_version_key(text):
        raise refusal(
            f"{quoted(text)} ({len(text)} characters) is not usable as the name of a version",
            "it is the last word of the version's address, and must not read as that of a color",
            f"use at most {MAX_KEY} lower-case letters and digits, a letter first, no dash, as in v1; "
            f"not {', '.join(RESERVED_KEYS)}",
        )
    return text


VersionKey = Annotated[str, AfterValidator(_version_key), _KEY_SCHEMA]


class SideBySideSettings(PodSettings):
    """Several versions at once, each at an address of its own; at will a front that sends to one of them."""

    strategy: Literal["side-by-side"] = Field(default="side-by-side", description="Kind of service.")
    port: ServedPort = Field(description=PORT)
    versions: Annotated[
        dict[VersionKey, Release],
        Field(min_length=1),
        Why("consumers that cannot move yet stay on the version they were written for"),
    ] = Field(description="The releases that run, by the word that their address ends in: `v2` is at `<service>-v2`.")
    active: Annotated[VersionKey | None, Why("clients that name no version need one that answers")] = Field(
        default=None, description="The version that `<service>` itself sends to; without it there is no such Service."
    )
    replicas: Annotated[Positive, Why("with one pod, each pod that dies is an outage")] = Field(
        default=2, description="Pods of each version; not together with `autoscale`."
    )
    autoscale: Autoscale | None = Field(
        default=None, description="Let the cluster choose the number of pods of each version."
    )
    autoscaler: Annotated[AutoscalerFragment, Why("load is not always CPU")] = Field(
        default={},
        description="Fragment of a `HorizontalPodAutoscaler` of each version: any metrics and "
        "behavior; over what `autoscale` makes, or by itself; or a ScaledObject (docs/beside.md).",
    )
    recycle: Annotated[bool, Why("open keep-alive connections would stay on the old version for ever")] = Field(
        default=True, description="After a change of `active`, replace the pods of the version that it left, in turn."
    )
    gate_timeout_seconds: Annotated[Positive, Why("a gate that never opens would hold the deployment for ever")] = (
        Field(default=120, description="Time for each gate before and after `active` moves.")
    )
    smoke: SmokeCheck | None = Field(default=None, description="HTTP check of a version before `active` moves to it.")

    rules = (
        *PodSettings.rules,
        *SCALED_RULES,
        *AUTOSCALER_RULES,
        *ONE_OF_MANY_RULES,
        *ROLLING_SURGE,
        *SIDE_BY_SIDE_RULES,
        *content_rules.SIDE_BY_SIDE_CONTENT,
        *fragment_rules.SIDE_BY_SIDE_FRAGMENT,
        *adopt_rules.SIDE_BY_SIDE_ADOPT_RULES,
    )

    def version(self, key: str) -> RollingSettings:
        """One version as the rolling service that it is."""
        shared = {
            name: getattr(self, name) for name in (*PodSettings.model_fields, "replicas", "autoscale", "autoscaler")
        }
        given = {*self.model_fields_set & shared.keys(), "release"}
        return RollingSettings.model_construct(given, **shared, release=self.versions[key])
