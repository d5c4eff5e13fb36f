"""Cross-field rules of a service without `port`: a worker, which takes work by itself and which nobody calls."""

from collections.abc import Iterator

from components.settings.base import GIVEN, Fault, Rule, Values

_OF_A_PORT = ("service_port", "port_name", "ports", "adopt_service")


def _has_no_service(values: Values) -> Iterator[Fault]:
    """Without `port` there is no Service: no `service_port`, `port_name`, `ports` or `adopt_service`."""
    if values["port"] is None:
        for name in _OF_A_PORT:
            if name in values[GIVEN]:
                yield Fault(
                    (name,),
                    f"{name} is set while port is not",
                    "a service without port is called by nobody and has no Service: the key would do nothing",
                    f"add port, the TCP port that the container listens on, or remove {name}",
                )


def _probes_without_a_port(values: Values) -> Iterator[Fault]:
    """Without `port` a probe is of `kind: exec`, or says its port by number."""
    if values["port"] is not None:
        return
    for name in ("readiness", "liveness", "startup"):
        probe = values[name]
        if name not in values[GIVEN] or probe is None or probe == "none" or probe.kind == "exec":
            continue
        if not isinstance(probe.port, int):
            yield Fault(
                (name, "port"),
                f"{name} asks {'a port by name' if probe.port else 'the port of the container'}, and port is not set",
                "the kubelet finds no such port: no pod would ever get ready",
                f"write {name}.port as a number, use kind: exec, or remove {name}",
            )


WORKER_RULES: tuple[Rule, ...] = (
    Rule(("port",), _has_no_service),
    Rule(("port", "readiness", "liveness", "startup"), _probes_without_a_port),
)
