"""The built-in engine: plain audio mixed as REAPER mixes it, without REAPER."""

from stemkit.render.builtin.engine import BuiltinEngine

__all__ = ["BuiltinEngine"]
