"""The objects in a text of manifests: YAML as kubectl reads it, or JSON.

PyYAML makes dates of `2024-01-31`, seconds of `22:30` and stumbles over `=`; Kubernetes' parser takes all of these for
text. Bytes may be UTF-8 or, as PowerShell writes them, UTF-16.
"""

import json
import re
from typing import Any

import yaml

from contract.text import one_line, yaml_fault

_Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OTHERS = ("tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:value", "tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|0|[1-9][0-9_]*)")
_NUMBER = re.compile(
    r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"
)


class _Loader(_Base):  # type: ignore[misc]
    """PyYAML's safe loader with the plain values of Kubernetes' parser."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own name and form
        first: [(tag, pattern) for tag, pattern in found if tag not in _OTHERS]
        for first, found in _Base.yaml_implicit_resolvers.items()
    }


def _integer(loader: Any, node: Any) -> int:
    text = str(loader.construct_scalar(node)).replace("_", "")
    sign, digits = (-1 if text[0] == "-" else 1), text.lstrip("+-")
    if digits[:2] in ("0b", "0x", "0o"):
        return sign * int(digits, 0)
    return sign * int(digits, 8 if digits[0] == "0" else 10)


def _number(loader: Any, node: Any) -> float:
    return float(str(loader.construct_scalar(node)).replace(".inf", "inf").replace(".nan", "nan"))


def _compiled(pattern: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(rf"^(?:{pattern.pattern})$")


_Loader.add_implicit_resolver("tag:yaml.org,2002:int", _compiled(_INTEGER), list("-+0123456789"))
_Loader.add_implicit_resolver("tag:yaml.org,2002:float", _compiled(_NUMBER), list("-+0123456789."))
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:float", _number)


class Unreadable(ValueError):  # noqa: N818  (named for what it is)
    """A text that is no YAML, and why: the finding of the parser and its place, without what stands there."""


def objects_in(text: str | bytes) -> list[Any]:
    """The documents of a text, empty ones as None, each as plain data of JSON. Raises Unreadable."""
    try:
        found: list[Any] = _json(text) or list(yaml.load_all(text, Loader=_Loader))
        return list(json.loads(json.dumps(found, allow_nan=False)))
    except yaml.reader.ReaderError as error:
        raise Unreadable(one_line(error.reason)) from None
    except yaml.YAMLError as error:
        raise Unreadable(yaml_fault(error)) from None
    except (TypeError, ValueError, RecursionError) as error:  # a binary value, a set; an alias of what it is in
        raise Unreadable(f"a value that JSON does not have ({type(error).__name__})") from None


def _json(text: str | bytes) -> list[Any] | None:
    """The one object of a text in JSON, whose tabs YAML does not take."""
    try:
        return [json.loads(text)] if text.lstrip()[:1] in ("{", b"{") else None
    except ValueError:
        return None
