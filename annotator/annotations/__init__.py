"""What people said about clips: events, the log, the output table, merge, sync.

The truth is an append-only log of events; the output file is a table made
from it. Import what you need from the modules: this package loads nothing.
"""
