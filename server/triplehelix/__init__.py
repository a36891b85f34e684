"""Triple Helix: the open knowledge graph of clusters and smart specialisation, and its publisher."""

__version__ = "0.1.0"
