"""The report as one HTML file that asks nothing of any other computer."""

from reports.html.document import render

__all__ = ["render"]
