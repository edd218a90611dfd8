"""stemkit: stems that are proven right before they leave."""

from stemkit._version import __version__

__all__ = ["__version__"]
