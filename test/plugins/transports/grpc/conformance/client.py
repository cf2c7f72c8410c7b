"""gRPC's own client in C, through grpcio: `client.py ADDRESS CHECK`. Each check raises on an answer that is wrong.

Messages pass as bytes: a request is a line of the standard input, in hexadecimal digits, and what it is answered with
ends in the payload that it carries.
"""

import concurrent.futures
import sys

import grpc

ADDRESS, CHECK = sys.argv[1:]
PREDICT = "/tensorflow.serving.PredictionService/Predict"
TIMEOUT = 20
SMALL, LARGE = (bytes.fromhex(line.strip()) for line in sys.stdin)


def open_channel(**arguments):
    return grpc.insecure_channel(ADDRESS, options=[(f"grpc.{name}", value) for name, value in arguments.items()])


def same(got, wanted):
    if got != wanted:
        raise AssertionError(f"got {got!r}, wanted {wanted!r}")


def call(channel, path=PREDICT):
    return channel.unary_unary(path)


def code_of(run):
    try:
        run()
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


def calls():
    with open_channel() as channel:
        predict = call(channel)
        if b"hello" not in predict(SMALL, timeout=TIMEOUT):
            raise AssertionError("the answer lacks its payload")
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            answers = set(pool.map(lambda _: predict(SMALL, timeout=TIMEOUT), range(300)))
        same(len(answers), 1)
        same(code_of(lambda: call(channel, "/no/thing")(b"", timeout=TIMEOUT)), grpc.StatusCode.UNIMPLEMENTED)


def compression():
    for algorithm in (grpc.Compression.Gzip, grpc.Compression.Deflate, grpc.Compression.NoCompression):
        with grpc.insecure_channel(ADDRESS, compression=algorithm) as channel:
            for request in (SMALL, LARGE):
                same(len(call(channel)(request, timeout=TIMEOUT)) > len(request) // 2, True)


def large():
    with open_channel(max_receive_message_length=-1, max_send_message_length=-1) as channel:
        for _ in range(3):
            same(len(call(channel)(LARGE, timeout=TIMEOUT)) >= 3_000_000, True)


def metadata():
    with open_channel() as channel:
        more = (("x-text", "value"), ("x-text", "again"), ("x-bytes-bin", bytes(range(256))), ("salver-priority", "low"))
        _, ended = call(channel).with_call(SMALL, timeout=TIMEOUT, metadata=more)
        same(ended.code(), grpc.StatusCode.OK)
        wrong = (("salver-priority", "urgent"),)
        same(code_of(lambda: call(channel)(SMALL, timeout=TIMEOUT, metadata=wrong)), grpc.StatusCode.INVALID_ARGUMENT)


def deadline():
    """The model does not answer."""
    with open_channel() as channel:
        same(code_of(lambda: call(channel)(SMALL, timeout=0.1)), grpc.StatusCode.DEADLINE_EXCEEDED)
        running = call(channel).future(SMALL, timeout=TIMEOUT)
        running.cancel()
        same(running.code(), grpc.StatusCode.CANCELLED)


def keepalive():
    """The model answers late, and the client pings meanwhile."""
    arguments = {
        "keepalive_time_ms": 50,
        "keepalive_timeout_ms": 5000,
        "keepalive_permit_without_calls": 1,
        "http2.max_pings_without_data": 0,
        "http2.min_time_between_pings_ms": 10,
    }
    with open_channel(**arguments) as channel:
        for _ in range(3):
            same(b"hello" in call(channel)(SMALL, timeout=TIMEOUT), True)


def health():
    with open_channel() as channel:
        same(call(channel, "/grpc.health.v1.Health/Check")(b"", timeout=TIMEOUT), b"\x08\x01")
        watch = channel.unary_stream("/grpc.health.v1.Health/Watch")(b"", timeout=TIMEOUT)
        same(next(watch), b"\x08\x01")
        watch.cancel()


{each.__name__: each for each in (calls, compression, large, metadata, deadline, keepalive, health)}[CHECK]()
