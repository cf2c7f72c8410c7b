"""The same transforms by pandas and scikit-learn: asked by lines of JSON, answered by lines of JSON."""
import json
import sys
import time

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, KBinsDiscretizer, MinMaxScaler, OneHotEncoder, StandardScaler

state = {}


def dates(frame):
    parts = [pd.to_datetime(frame[name], format="ISO8601") for name in frame]
    return np.stack([part for column in parts for part in (column.dt.weekday, column.dt.hour)], axis=1)


def plain(frame):
    return frame.apply(lambda column: column.str.strip().str.lower())


def encoder():
    return OneHotEncoder(handle_unknown="ignore", sparse_output=False, dtype=np.float32)


def pipeline(columns):
    return ColumnTransformer([
        ("scaled", make_pipeline(SimpleImputer(), StandardScaler()), columns["scaled"]),
        ("logged", make_pipeline(FunctionTransformer(np.log1p), MinMaxScaler()), columns["logged"]),
        ("bucketed", KBinsDiscretizer(10, encode="ordinal", strategy="quantile", quantile_method="linear", subsample=None), columns["bucketed"]),
        ("dates", FunctionTransformer(dates), columns["dates"]),
        ("towns", encoder(), columns["towns"]),
        ("messy", make_pipeline(FunctionTransformer(plain), encoder()), columns["messy"]),
    ])


def fit(csv, columns):
    start = time.perf_counter()
    numbers = {name: "float32" for kind in ["scaled", "logged", "bucketed"] for name in columns[kind]}
    state["frame"] = pd.read_csv(csv, dtype=numbers, keep_default_na=True)
    state["pipeline"] = pipeline(columns).fit(state["frame"])
    return {"milliseconds": (time.perf_counter() - start) * 1000}


def transform(rows):
    frame = state["frame"].iloc[:rows]
    start, cpu = time.perf_counter(), time.process_time()
    features = state["pipeline"].transform(frame).astype(np.float32)
    milliseconds, cpu = (time.perf_counter() - start) * 1000, (time.process_time() - cpu) * 1000
    # One-hot columns come in another order: their sums are taken together.
    return {"milliseconds": milliseconds, "cpu": cpu, "sums": features[:, :34].sum(axis=0, dtype=np.float64).tolist(), "ones": float(features[:, 34:].sum())}


for line in sys.stdin:
    message = json.loads(line)
    kind = message.pop("do")
    print(json.dumps({"fit": fit, "transform": transform}[kind](**message)), flush=True)
