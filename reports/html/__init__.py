"""The report as one HTML file that asks nothing of any other computer."""

from reports.html.document import pieces, prepare, render

__all__ = ["pieces", "prepare", "render"]
