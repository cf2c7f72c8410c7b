"""The same look-ups in Python: a dict, and tf.lookup where there is TensorFlow.

Reads lines of JSON: {"do": "load", "peer", "file"} or {"do": "ask", "tokens"} once, then {"do": "again"}.
"""

import json
import sys
import time


def megabytes() -> float:
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[1]) * 4096 / 2**20


def open_dict(file: str):
    with open(file, "rb") as lines:
        table = {line.rstrip(b"\r\n"): number for number, line in enumerate(lines)}
    return lambda tokens: [table.get(token, -1) for token in tokens]


def open_tensorflow(file: str):
    index = tf.lookup.TextFileIndex
    table = tf.lookup.StaticHashTable(
        tf.lookup.TextFileInitializer(file, tf.string, index.WHOLE_LINE, tf.int64, index.LINE_NUMBER), -1
    )
    return lambda tokens: table.lookup(tf.constant(tokens)).numpy().tolist()


def fresh(tokens: list[bytes]) -> list[bytes]:
    """As a request brings them: a bytes object keeps its hash once it is known."""
    return [bytes(bytearray(token)) for token in tokens]


ask, tokens = None, []
for line in sys.stdin:
    message = json.loads(line)
    if message["do"] == "load":
        if message["peer"] == "tf.lookup":
            import tensorflow as tf

            tf.constant(["warm"])
        before, start = megabytes(), time.perf_counter()
        ask = {"dict": open_dict, "tf.lookup": open_tensorflow}[message["peer"]](message["file"])
        answer = {"milliseconds": 1000 * (time.perf_counter() - start), "megabytes": megabytes() - before}
    elif message["do"] == "ask":
        tokens = [token.encode() for token in message["tokens"]]
        answer = {"ids": ask(tokens)}
    else:
        request = fresh(tokens)
        start = time.perf_counter()
        ask(request)
        answer = {"milliseconds": 1000 * (time.perf_counter() - start)}
    print(json.dumps(answer), flush=True)
