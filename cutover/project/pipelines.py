"""The pipelines of a new project: those of docs/ci.md, for its own stack and service. Pure."""

import re

_BLOCKS = re.compile(r"^### `(?P<path>[^`]+)`.*?^```yaml\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE)
_TWO_COLORS = re.compile(
    r"^ *(?:(?:- \.venv/bin/)?cutover (?:status --until paused|promote) |load=|if .*LOAD_URL|LOAD_URL:).*\n",
    re.MULTILINE,
)


def pipelines(guide: str, *, stack: str, service: str, two_colors: bool, pip_words: str) -> dict[str, str]:
    """Path -> text of each file. `guide` is docs/ci.md, whose stack is `prod` and whose service is `storefront`;
    `pip_words` are what pip is told to install.
    """
    filled = guide.replace("--require-hashes -r requirements.txt", pip_words)
    return {path: _own(text, stack, service, two_colors=two_colors) for path, text in _BLOCKS.findall(filled)}


def _own(text: str, stack: str, service: str, *, two_colors: bool) -> str:
    text = text.replace(".venv/bin/python -m cutover", ".venv/bin/cutover")
    text = re.sub(r"\bprod\b", stack, text)
    text = re.sub(r"\bstorefront\b", service, text)
    if two_colors:
        return text
    # A rolling service has no idle color: its traffic follows with the release.
    text = _TWO_COLORS.sub("", text)
    notify = ' "${notify[@]}"' if "notify=" in text else ""
    text = re.sub(r"(cutover release .*) --yes --commit", rf"\1 --roll-out --yes --commit{notify}", text)
    return text.replace(" --now --yes", " --yes")
