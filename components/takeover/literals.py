"""The judgement whether a value of others' manifests is a secret: what is one must not be written to a file, and what
is none must not be left out of it. Pure.

`contract.secrets` hides whatever may be one, for logs. Here a name that speaks about a secret (`TOKEN_PATH`,
`--serving-ca-secret-name`), a truth value, a reference (`$(PASSWORD)`) and a path are told from the secret itself.
"""

import re

from contract.secrets import looks_secret, masked

_ABOUT = re.compile(  # the last word of a name of something that is no secret
    r"(?:^|[^a-z0-9])(?:names?|path|file(?:name)?|dir(?:ectory)?|mode|type|kind|method|policy|role|format|prefix|header"
    r"|algorithm|alg|length|size|version|issuer|audience|scopes?|ttl|seconds|minutes|hours|days|expiry|expir(?:ation|es)"
    r"|duration|interval|timeout|enabled?|disabled?|required|optional|namespace|host|port|ur[il]|endpoint|server"
    r"|provider|origins?|cookies|user(?:name)?|impersonate|ref|cmd|command|selector|pull[^a-z0-9]?secrets)$"
    # … or its first
    r"|^-*(?:allow|disable|enable|require|skip|use)(?:[^a-z0-9]|$)",
    re.IGNORECASE,
)
_HUMPS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")  # secretName, tokenTTL
_AUTH = re.compile(r"(?:^|[_.-])auth[_.-]", re.IGNORECASE)
_WORDS = re.compile(r"true|false|yes|no|on|off|none|null|enabled|disabled|required|optional", re.IGNORECASE)
_COUNT = re.compile(r".*tokens")  # of a language model, with a number
_REFERENCE = re.compile(r"\$(?:\([^()]*\)|\{[^{}]*\}|\w+)")
_OBJECT = re.compile(r"[a-z]+(?:-[a-z]+)+(?:\.[a-z-]+)*")  # a Secret's name, where a flag asks for one
_CERTIFICATE = re.compile(r"[a-z]+(?:-[a-z]+)*-(?:certs?|tls|ca)")  # … where a variable does
_VERSION = re.compile(r"v?\d+\.\d+\.\d+(?:-[\w.-]+)?")  # of an image that is called after secrets
_PATH = re.compile(
    r"(?:file://)?/(?:[\w.@-]+/)*(?:[\w@-]+\.[\w.-]+|(?:etc|var|run|mnt|opt|secrets?|tmp|usr|home)/[\w./@-]+)"
)
_GIVEN = r"""(?:"\$\([^()\n]*\)"|"(?=\n)|"[^"\n]*"|'[^'\n]*'|\$\([^()\n]*\)|[^\s"']+)"""
_PAIR = re.compile(
    r"""(?<![\w.-])(?P<name>[\w.-]++)["']?[ \t]*(?:=>|[=:])[ \t]*(?P<value>"""
    + rf"""{_GIVEN})|(?<![\w-])(?P<flag>--?[\w-]++)\s+(?!-)(?P<given>{_GIVEN})"""
)
_CREDENTIALS = re.compile(r"authorization|cookie$|^-*x-", re.IGNORECASE)  # headers
_LOGIN = re.compile(r"(?<=://)(?P<user>[^\s\"'<>:@/]*)(?::(?P<password>[^\s\"'<>@]*))?@")


def is_secret(name: str, value: str) -> bool:
    """Whether a variable holds a secret."""
    return looks_secret(name, value) and not (_is_about(name, value) and not has_secret(value))


def has_secret(text: str) -> bool:
    """Whether a text, such as a command or a configuration in it, holds one."""
    rest = _LOGIN.sub(_login, _PAIR.sub(_pair, text))
    return masked(rest) != rest


def _is_about(name: str, value: str) -> bool:
    """Whether name or value tell that the value is no secret itself."""
    spoken = _HUMPS.sub("_", name)
    # `AUTH_MODE` is found by `auth` alone; `AUTH_TOKEN` by more.
    spoken_of = bool(_ABOUT.search(spoken)) or not looks_secret(_AUTH.sub("_", name), "x")
    plain = value.strip("\"'")
    if plain.isdecimal() and _COUNT.fullmatch(spoken.lower()):
        return True
    if spoken.lower().endswith("secret") and (_OBJECT if name.startswith("-") else _CERTIFICATE).fullmatch(plain):
        return True
    return not plain or spoken_of or any(known.fullmatch(plain) for known in (_WORDS, _REFERENCE, _PATH, _VERSION))


def _pair(found: re.Match[str]) -> str:
    """Nothing in place of a pair of a name and a value that is no secret."""
    name, value = found["name"] or found["flag"], found["value"] or found["given"]
    if masked(found[0]) == found[0]:
        return found[0]
    if _CREDENTIALS.search(name) or (looks_secret(name, "-") and not _is_about(name, value)):
        return found[0]
    whole = _REFERENCE.fullmatch(value.strip("\"'")) or (" " not in value and masked(f"-:{value}") == f"-:{value}")
    return "" if whole else found[0]


def _login(found: re.Match[str]) -> str:
    """Nothing in place of a login without a password, or whose password is a reference."""
    password = found["password"]
    return "" if not password or _REFERENCE.fullmatch(password) else found[0]
