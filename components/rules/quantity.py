"""Kubernetes quantities (`250m`, `512Mi`, `1.5`) as exact numbers, to compare a request with its limit."""

import re
from decimal import Decimal

_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]{1,2})?")
MOST = 2**63 - 1  # Kubernetes cuts off what is above; no node has as much
_LONGEST = 28  # characters: so many digits are counted exactly
_DECIMAL = {"m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}


def parse_quantity(text: str) -> Decimal:
    """The quantity in its base unit (cores, bytes). Raises ValueError for what the API server would refuse."""
    match = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError(f"{text[:_LONGEST]!r} is not a Kubernetes quantity such as 250m, 512Mi or 1.5")
    number, unit = Decimal(match[1]), match[2] or ""
    found = _scaled(number, unit)
    if found > MOST:
        raise ValueError(f"{text!r} is more than Kubernetes counts, {MOST}")
    return found


def _scaled(number: Decimal, unit: str) -> Decimal:
    if unit in _BINARY:
        return number * Decimal(2 ** _BINARY[unit])
    if unit in _DECIMAL:
        return number.scaleb(_DECIMAL[unit])
    return number.scaleb(int(unit[1:])) if unit else number
