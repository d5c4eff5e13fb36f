"""The driver's errors out of the words of a failed run. Pure: no engine is needed.

The program's own errors end with a stable code (contract.codes). The engine's are known by the texts that its own SDK
looks for. What the program or the engine said is kept; only their repetitions and wrappings go.
"""

import re
from collections.abc import Iterable

from contract.codes import ENDS, End, code_in
from cutover.errors import (
    ClusterUnreachable,
    DriverError,
    GateRefused,
    LoginNeeded,
    Missing,
    StackLocked,
    StackMissing,
    TimedOut,
    UsageError,
)

# Said beside the reason of a failure, never a reason of its own.
_NOISE = re.compile(
    r"^(?:update|preview|destroy|refresh) failed$|resource monitor (?:shut down|has terminated)|"
    r"an unhandled error occurred: program exited|^\s*$|^waiting for rpcs|failed to (?:complete|post) event",
    re.IGNORECASE,
)
_WRAPPING = re.compile(r'^(?:error: )?(?:(?:before|after) hook "[^"]*" failed: |.*?: hook "[^"]*" failed: )')
_ENDS: dict[End, type[DriverError]] = {
    "usage": UsageError,
    "refused": GateRefused,
    "failed": DriverError,
    "late": TimedOut,
    "missing": Missing,
    "unreachable": ClusterUnreachable,
}
_LOCKED = re.compile(r"the stack is currently locked by|\[409\] Conflict: Another update is currently in progress")
_MISSING = re.compile(r"no stack named '?([^'\s]*)'? found")
_LOGIN = re.compile(
    r"incorrect passphrase|passphrase must be set|PULUMI_CONFIG_PASSPHRASE|PULUMI_ACCESS_TOKEN|not logged in|"
    r"invalid access token|\[401\]|unauthorized: no credentials|pulumi login",
    re.IGNORECASE,
)
# A cloud's key, Vault's: what they say for themselves is in words of their own, and may be of a network.
_KEYS = re.compile(r"(?:get stack|getting) secrets manager: (.*)", re.DOTALL)
_TIME = re.compile(r"timed out waiting|context deadline exceeded|timeout exceeded", re.IGNORECASE)
_CLUSTER = re.compile(
    r"gave no good answer for|no usable kubeconfig|cluster is unreachable|connection refused|no such host|"
    r"no route to host|network is unreachable|i/o timeout|TLS handshake timeout|"
    r"was refused: 40[13]|the server has asked for the client to provide credentials|"
    r"x509: certificate|unable to load (?:Kubernetes )?(?:client )?config",
    re.IGNORECASE,
)


def classify(said: Iterable[str], output: str, *, stack: str) -> DriverError:
    """The error of a failed run. `said` are the error lines of its events; `output` is all it printed."""
    reasons = _reasons(said)
    text = "\n".join(reasons) or _tail(output)
    whole = f"{text}\n{output}"
    if found := _MISSING.search(whole):
        name = found.group(1) or stack
        return StackMissing(
            f"there is no stack named {name!r}", f"`pulumi stack init {name}`, or name another: --stack"
        )
    if _LOCKED.search(whole):
        return StackLocked(_lock_text(whole, stack), "wait for the other run; if it is dead, `pulumi cancel --stack "
                           f"{stack}` lifts its lock, and the next run goes on from there")  # fmt: skip
    if code := code_in(text):
        return _ENDS[ENDS[code]](text)
    if _LOGIN.search(text):
        return LoginNeeded(
            f"the engine cannot open the stack's state: {text}",
            "log in again (`pulumi login`), or set PULUMI_ACCESS_TOKEN or PULUMI_CONFIG_PASSPHRASE as the stack needs",
        )
    if found := _KEYS.search(text):
        return LoginNeeded(
            f"the engine cannot open the stack's secrets: {' '.join(found.group(1).split())}",
            f"log in to what keeps their key (`secretsprovider:` in Pulumi.{stack}.yaml), with the right to decrypt",
        )
    if _TIME.search(text):
        return TimedOut(text)
    if _CLUSTER.search(text):
        return ClusterUnreachable(text)
    return DriverError(text)


def _reasons(said: Iterable[str]) -> list[str]:
    """The reasons among the error lines: without wrapping, each once, the longer one where one holds the other."""
    found: list[str] = []
    for raw in said:
        text = _WRAPPING.sub("", raw.strip()).strip().removeprefix("error: ")
        if _NOISE.search(text) and not code_in(text):
            continue
        if any(text in other for other in found):
            continue
        found = [other for other in found if other not in text] + [text]
    return found


def _lock_text(whole: str, stack: str) -> str:
    who = re.search(r"created by .*", whole)
    return f"stack {stack} is locked by another run" + (f": {who.group(0).strip()}" if who else "")


def _tail(output: str, lines: int = 12) -> str:
    """The last lines of what a command printed; all there is where it failed before any event."""
    kept = [line.removeprefix("error: ") for line in output.splitlines() if line.strip()]
    return "\n".join(kept[-lines:]) or "the engine failed without a word"
