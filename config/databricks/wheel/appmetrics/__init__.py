"""The appmetrics program, carried by a Python wheel.

A Databricks app and a Databricks job can both install a wheel. This package
holds the program compressed, unpacks it the first time it is needed, and gets
out of its way. It needs nothing but Python's standard library.
"""

from .task import job

__all__ = ["job"]
