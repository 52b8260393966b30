"""`rulesets/online_retail` gives what pandas gives, customer by customer, and the totals that its data are known for."""

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

import segrules
from segrules.ir.catalogue import Catalogue
from segrules.reference.prepare import prepare
from segrules.reference.windows import Clock
from segrules.reference.world import World
from segrules.semantics.catalogue import read_catalogue
from segrules.sources.loaded import Loaded
from segrules.sources.read import read_tables
from segrules.text.source import Source
from tests.rulesets import expected as by_hand

FOLDER = Path(__file__).parents[2] / "rulesets" / "online_retail"
DATA = FOLDER / "data"
