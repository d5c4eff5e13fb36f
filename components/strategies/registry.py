"""The registry of strategies. The config's union, its errors, the reference page, name clashes, the program's exports
and its dispatch are read from here.
"""

from typing import Any

from components.strategies.blue_green.strategy import STRATEGY as BLUE_GREEN
from components.strategies.rolling.strategy import STRATEGY as ROLLING
from components.strategies.strategy import Strategy
from components.strategies.versions.strategy import STRATEGY as VERSIONS

STRATEGIES: tuple[Strategy, ...] = (BLUE_GREEN, ROLLING, VERSIONS)
_BY_KEY = {one.key: one for one in STRATEGIES}


def strategy_of(settings: Any) -> Strategy:
    """The strategy that settings are of."""
    return _BY_KEY[settings.strategy]
