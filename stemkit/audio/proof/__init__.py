"""The proof: do the stems add up to the mix, and if not, which one is guilty."""
