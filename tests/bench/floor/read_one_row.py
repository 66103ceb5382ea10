"""Reads one row of a database and prints it: nobody who keeps answers in SQLite can be quicker."""

import argparse
import dataclasses  # noqa: F401  (what any such command imports)
import hashlib  # noqa: F401
import sqlite3
import sys
import tomllib  # noqa: F401

parser = argparse.ArgumentParser()
parser.add_argument("database")
connection = sqlite3.connect(parser.parse_args().database)
(text,) = connection.execute("SELECT text FROM answer LIMIT 1").fetchone()
sys.stdout.write(text)
sys.stdout.flush()
