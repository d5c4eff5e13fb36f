"""The result of a command as a chat message: `--notify slack+https://…`.

The message is `{"text": …}`, what an incoming webhook of Slack takes. Mattermost and Rocket.Chat take the same.
"""

from collections.abc import Mapping
from typing import Any

LONGEST = 2900  # characters; Slack cuts a text after 3,000
_MARKS = {
    "succeeded": ":white_check_mark:",
    "nothing-to-do": ":white_check_mark:",
    "under-way": ":arrow_forward:",
    "interrupted": ":warning:",
}
_FAILED = ":x:"


def document(result: Mapping[str, Any]) -> Mapping[str, Any]:
    """A headline (verb, stack, result, seconds), then what people read at the end, and the fix."""
    word, stack = str(result.get("result", "")), result.get("stack") or "no stack"
    head = f"{_MARKS.get(word, _FAILED)} *cutover {result.get('verb')}* on *{stack}*: {word}"
    if result.get("seconds"):
        head += f" ({result['seconds']:g} s)"
    fix = _plain(str(result.get("fix") or ""))
    lines = [_plain(str(result.get("message") or "")), f"fix: {fix}" if fix else ""]
    body = "\n".join(line for line in lines if line)
    most = LONGEST - len(head)
    return {"text": f"{head}\n```\n{body if len(body) <= most else body[:most] + ' …'}\n```" if body else head}


def headers(_: bytes) -> dict[str, str]:
    """None of its own: the webhook's URL is the secret."""
    return {}


def _plain(text: str) -> str:
    """Text that calls nobody and ends no block: Slack reads `<!channel>` and `&` as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("`", "'")
