# SPDX-License-Identifier: Apache-2.0
"""Runs the catalogue of abuse against the live system. docs/abuse.md says how to read and add attacks."""
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(HERE.parent / "system"))
