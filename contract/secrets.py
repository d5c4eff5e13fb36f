"""Text without what looks like a password, a token or a key. Pure.

It errs on the side of hiding: who reads a log wants to know what failed, and everybody reads it.
"""

import re

HIDDEN = "…"
_WORD = (
    r"(?:pass(?:word|wd|phrase|code)|(?<![a-z])pass(?![a-z])|pwd|secrets?|token|credentials?"
    r"|(?:api|access|private|signing|encryption)[_.-]?key)"
)
_VALUE = r"""(?:"(?:\\.|[^"\\])*(?:"|$)|'(?:\\.|[^'\\])*(?:'|$)|[^\s"']+)"""
_NAME = re.compile(rf"(?:{_WORD})(?![a-z])|(?:^|[_.-])(?:auth|dsn)(?:$|[_.-])", re.IGNORECASE)
# Every pattern has one place to begin per word, and gives nothing back: a long text takes no longer than its length.
_SECRET_NAME = rf"(?=[\w.-]*?{_WORD}|(?:proxy-)?authorization\b|(?:set-)?cookie\b|x-[\w-]*(?:key|auth)\b)"
_RULES = (
    # -----BEGIN RSA PRIVATE KEY----- … ; cut off, too
    (re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(?:-----END [A-Z ]*-----|$)", re.DOTALL), rf"\1{HIDDEN}"),
    # AWS_SECRET_ACCESS_KEY=x, "db_password": "x y", Authorization: Bearer x
    (
        re.compile(
            rf"(?<![\w.-]){_SECRET_NAME}([\w.-]++[\"']?+\s*+(?:=>|[=:])\s*+)"
            rf"(?:[\"']?(?:bearer|basic|token|digest|negotiate|apikey)\s++[^\s\"']++|{_VALUE})",
            re.IGNORECASE,
        ),
        rf"\1{HIDDEN}",
    ),
    # --token x
    (
        re.compile(rf"(?<![\w-])(?=-[\w-]*?{_WORD})(--?[\w-]++\s++)(?!-){_VALUE}", re.IGNORECASE),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"\b(bearer)\s++[^\s\"',;]{6,}+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    (re.compile(r"\b(basic)\s++(?=\S*?[0-9=+/])[A-Za-z0-9+/=_-]{6,}+", re.IGNORECASE), rf"\1 {HIDDEN}"),
    # tokens that are known by their form: JWT, GitHub, GitLab, Slack, AWS, Google, Stripe
    (
        re.compile(
            r"(?<![\w-])eyJ[\w-]{8,}+\.[\w-]++(?:\.[\w-]*+)?|\bgh[pousr]_\w{16,}|\bgithub_pat_\w{16,}|\bglpat-[\w-]{16,}"
            r"|\bxox[abprs]-[\w-]{10,}|\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{30,}|\bsk_live_\w{10,}"
        ),
        HIDDEN,
    ),
)
# postgres://user:pa/ss@host: up to the last @, as a password may hold any sign
_AFTER_SCHEME = re.compile(r"(?<=://)[^\s\"'<>]++")


def masked(text: str) -> str:
    """The text with every such value as `…`. Mask before a text is cut: half a password is a password, too."""
    text = _AFTER_SCHEME.sub(_without_login, text)
    for pattern, shown in _RULES:
        text = pattern.sub(shown, text)
    return text


def _without_login(found: re.Match[str]) -> str:
    _, at, host = found[0].rpartition("@")
    return f"{HIDDEN}@{host}" if at else found[0]


def looks_secret(name: str, value: str) -> bool:
    """Whether a variable looks like one that holds a secret, by its name or by its value."""
    return bool(value) and (bool(_NAME.search(name)) or masked(value) != value)
