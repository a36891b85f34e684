"""What pages show of a description: names instead of IRIs, facts with their source, sections for what a document holds."""

from __future__ import annotations

from triplehelix.web.view.names import preferred
from triplehelix.web.view.page import View
from triplehelix.web.view.shown import Row, Section, Shown, Value

__all__ = ["Row", "Section", "Shown", "Value", "View", "preferred"]
