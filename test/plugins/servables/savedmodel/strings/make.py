"""Makes `model/` and `golden.json` beside this file: strings, tables, hashes and feature layers, with TensorFlow's answers.

Python 3.11 with tensorflow-cpu 2.21. Run in this folder: python make.py
"""

import base64
import json
import os
import shutil
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""
import keras
import numpy as np
import tensorflow as tf

sys.path.insert(0, "..")
from golden_model import golden as numbers
from golden_model import named, open_copy_of, slim

raw, layers = tf.raw_ops, keras.layers
CASES, KEEP = {}, []
S, I, L, F = tf.string, tf.int32, tf.int64, tf.float32


def case(name, fn, *calls, types=(S,), ranks=None):
    """One signature; each call is a tuple of its inputs."""
    calls = [call if isinstance(call, tuple) else (call,) for call in calls]
    shapes = [[None] * (np.ndim(each) if ranks is None else ranks[i]) for i, each in enumerate(calls[0])]
    CASES[name] = (fn, calls, [tf.TensorSpec(shape, dtype, f"x{i}") for i, (shape, dtype) in enumerate(zip(shapes, types))])


def layer(name, made, *calls, types=(S,)):
    KEEP.append(made)
    case(name, lambda *xs: made(xs[0] if len(xs) == 1 else xs), *calls, types=types)
    first = calls[0] if isinstance(calls[0], tuple) else (calls[0],)
    CASES[name][2][:] = [tf.TensorSpec([None, np.shape(each)[1]], dtype, f"x{i}") for i, (each, dtype) in enumerate(zip(first, types))]


def kept(table):
    KEEP.append(table)
    return table


ODD = [b"", b"a", b"Hello World", b"  pad\t", "ÄÖ straße".encode(), b"\xff\xc3A", b"a\0b", "日本語 ΑΣ".encode(), b"x" * 70, b"y" * 200]
TABLE = [[b"a", b"B"], [b"c d", b""]]

# Text.
case("lower", tf.strings.lower, ODD, TABLE)
case("lower_utf8", lambda x: tf.strings.lower(x, "utf-8"), ODD)
case("upper", tf.strings.upper, ODD)
case("upper_utf8", lambda x: tf.strings.upper(x, "utf-8"), ODD)
case("strip", tf.strings.strip, ODD + [b"\v\f x \r\n", b" "])
case("length", tf.strings.length, ODD)
case("length_utf8", lambda x: tf.strings.length(x, "UTF8_CHAR"), ODD)
case("join", lambda x, y: tf.strings.join([x, "<", y, ">"], separator="-"), (ODD, ODD), types=(S, S))
case("reduce_join", lambda x: tf.strings.reduce_join(x, 1, separator="+"), TABLE, np.zeros((2, 0), "S1"))
case("reduce_join_all", lambda x: raw.ReduceJoin(inputs=x, reduction_indices=[0, 1], separator=","), TABLE)
case("reduce_join_order", lambda x: raw.ReduceJoin(inputs=x, reduction_indices=[-1, 0], keep_dims=True), TABLE)
case("reduce_join_none", lambda x: raw.ReduceJoin(inputs=x, reduction_indices=[]), TABLE)
sub = [b"hello", "héllo".encode(), b"abc"]
case("substr", lambda x, p, n: tf.strings.substr(x, p, n), (sub, [1, -2, 3], [2, 9, 1]), (sub, [9, 0, 0], [1, 1, 1]), types=(S, I, I))
case("substr_one", lambda x, p, n: tf.strings.substr(x, p, n), (sub, 1, -1), (sub, -6, 1), types=(S, I, I))
case("substr_utf8", lambda x, p, n: tf.strings.substr(x, p, n, "UTF8_CHAR"), (sub, [1, -2, 3], [2, 9, 1]), (sub, [5, 0, 0], [-1, 1, 1]), (sub, [6, 0, 0], [1, 1, 1]), types=(S, I, I))
case("as_string_int", lambda x: (tf.strings.as_string(x), tf.strings.as_string(x, width=6), tf.strings.as_string(x, width=6, fill="0"), tf.strings.as_string(x, width=6, fill="-")), [5, -5, 0, 2**31 - 1], types=(I,))
case("as_string_long", tf.strings.as_string, [5, -(2**63), 2**63 - 1], types=(L,))
floats = np.array([0.5, 0.0078125, 1e30, -0.0, np.nan, np.inf, -np.inf, 3.14159265, 2.5, -1e-9], "float32")
case("as_string_float", lambda x: (tf.strings.as_string(x), tf.strings.as_string(x, precision=0), tf.strings.as_string(x, precision=2, width=9, fill="0")), floats, types=(F,))
case("as_string_bool", tf.strings.as_string, [True, False], types=(tf.bool,))
case("refused_as_string_shortest", lambda x: tf.strings.as_string(x, shortest=True), floats, types=(F,))
good = [b" 1.5 ", b"0x1F", b"1e400", b"inf", b"NaN", b"-Infinity", b"1.", b"+.5", b"0x1.8p3", b"nan(1)", b"-0x10", b"1\t", b"\v1", b"1e-50"]
case("to_float", tf.strings.to_number, good, [b"abc"], [b"1_0"], [b""], [b"1.5f"], [b"1e"])
case("to_double", lambda x: tf.strings.to_number(x, tf.float64), good + [b"0.1"])
case("to_int", lambda x: tf.strings.to_number(x, I), [b" 12 ", b"+3", b"-0"], [b"2147483648"], [b"0x1F"], [b"1.0"])
case("to_long", lambda x: tf.strings.to_number(x, L), [b"-9223372036854775808", b"9223372036854775807"], [b"9223372036854775808"])
case("base64", lambda x: (tf.io.encode_base64(x), tf.io.encode_base64(x, pad=True)), ODD)
case("from_base64", tf.io.decode_base64, [b"YQ", b"YWI", b"_-8", b"YQ==", b""], [b"!!"], [b"a"])
case("decode_raw", lambda x: (tf.io.decode_raw(x, tf.int16), tf.io.decode_raw(x, tf.float32)), [b"abcdefgh", b"12345678"], [b"abcd", b"abc"], [b"abc"])
case("equal", lambda x, y: (tf.equal(x, y), tf.not_equal(x, "a")), (ODD, ODD[::-1]), types=(S, S))

case("gather", lambda x, i: (tf.gather(x, i), tf.gather(x, i, axis=1), x[1:, ::-1], tf.concat([x, x], 1), tf.transpose(x), tf.where(tf.equal(x, ""), "none", x)), (TABLE, [1, 0, 1]), (TABLE, [2]), types=(S, I))
case("hash_gathered", lambda x, i: tf.strings.to_hash_bucket_fast(tf.stack(tf.unstack(tf.tile(tf.gather(x, i), [1, 2]), num=4, axis=1)), 100), (TABLE, [1, 0, 1]), types=(S, I))
case("to_dense", lambda x: tf.sparse.to_dense(tf.strings.split(x, ",").to_sparse(), "-"), [b"a,b,c", b"d", b",e"])

# Tokens.
case("split", lambda x: raw.StringSplitV2(input=x, sep="", maxsplit=-1), ODD + [b" a  b c "], [b"", b" "])
case("split_sep", lambda x, s: raw.StringSplitV2(input=x, sep=s, maxsplit=-1), ([b"a,b,,c", b"", b",", b"abc"], b","), ([b"a--b-c--", b"--"], b"--"), types=(S, S))
case("split_most", lambda x: (*raw.StringSplitV2(input=x, sep="", maxsplit=2), *raw.StringSplitV2(input=x, sep=",", maxsplit=1), *raw.StringSplitV2(input=x, sep=",", maxsplit=0)), [b" a b  c d ", b"a b", b"a b ", b"a,b,c", b"a,", b""])
case("split_any", lambda x: (*raw.StringSplit(input=x, delimiter=" ,"), *raw.StringSplit(input=x, delimiter=",", skip_empty=False), *raw.StringSplit(input=x, delimiter="")), [b"a b,,c", b"", b",", b"ab"])
patterns = {
    "punctuation": (r'[!"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']', ""),
    "spaces": (r"\s+", " "),
    "groups": (r"(\w)(\d*)-(?P<n>x|yz)?", r"<\3|\1\0\\>"),
    "empty": (r"x*", "-"),
    "lazy": (r"a+?(b|bc)(c*?)$", r"[\1,\2]"),
    "alternatives": (r"ab|a|abc", "_"),
    "bounds": (r"\b[a-c]|d\B", "*"),
    "lines": (r"(?m)^.|.$", "^"),
    "counts": (r"a{2,3}?b{2}|c{1,}", "#"),
    "folded": (r"(?i)straSSe|[k-l]", "~"),
    "beyond": (r"[^\x00-\x7f]+|[[:upper:]]", "U"),
    "wide": (r"[à-ÿЀ-ӿ一-鿿😀-😎]", "W"),
    "dot": (r".", "."),
    "all": (r"(?s).+", "x"),
    "braces": (r"\{\{(.*?)\}\}", r"\1"),
}
texts = ODD + [b"a1-x b-, c22-yz", b"aabbcc abcc\naab", b"ab abc dc bd", "été 😀 Kk Кот 中文".encode(), b"{{a}} {{b}}", "ſtraße STRASSE K".encode(), b"\xe2\x82x\xed\xa0\x80", b"a.b!c"]
case("regex_replace", lambda x: {name: tf.strings.regex_replace(x, *each) for name, each in patterns.items()}, texts)
case("regex_replace_first", lambda x: tf.strings.regex_replace(x, "[a-y]", "<\\0>", replace_global=False), texts)
case("regex_replace_dynamic", lambda x: raw.RegexReplace(input=x, pattern="a", rewrite="b"), texts)
case("regex_match", lambda x: (tf.strings.regex_full_match(x, ".*"), tf.strings.regex_full_match(x, "a|ab|[a-z.!]*"), tf.strings.regex_full_match(x, "(?s).*\\w$")), texts)
for name, pattern in {"backreference": "\\pL", "star": "(a*)*", "count": "a**", "octal": "\\12"}.items():
    case(f"refused_regex_{name}", lambda x, pattern=pattern: tf.strings.regex_replace(x, pattern, ""), texts)
case("ngrams", lambda x: tf.strings.ngrams(tf.strings.split(x), [1, 3]).to_tensor(), [b"a b c", b"", b"d", b"a b c d e"])
case("ngrams_padded", lambda x: {f"{p}{k}": raw.StringNGrams(data=x, data_splits=tf.constant([0, 2, 2, 3, 6], L), separator="_", ngram_widths=[2, 4], left_pad="<", right_pad=">", pad_width=p, preserve_short_sequences=k).ngrams for p in (-1, 0, 1, 3) for k in (True, False)}, [b"a", b"b", b"c", b"d", b"e", b"f"])
case("unicode_decode", lambda x: raw.UnicodeDecodeWithOffsets(input=x, input_encoding="UTF-8"), ODD + [b"\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80", b"\xe2\x82A\xf0\x9f\x98", "\ufffd\ufeff".encode()])
case("unicode_decode_ignore", lambda x: raw.UnicodeDecode(input=x, input_encoding="UTF-8", errors="ignore"), ODD)
case("unicode_decode_strict", lambda x: raw.UnicodeDecode(input=x, input_encoding="UTF-8", errors="strict"), [b"ok"], [b"\xff"])
case("unicode_encode", lambda x: raw.UnicodeEncode(input_values=x, input_splits=tf.constant([0, 2, 2, 5], L), output_encoding="UTF-8"), [65, 233, 0x1F600, 0xD800, 0x110000], types=(I,))
case("unicode_transcode", lambda x: tf.strings.unicode_transcode(x, "UTF-8", "UTF-8"), ODD)
case("refused_utf16", lambda x: tf.strings.unicode_transcode(x, "UTF-8", "UTF-16-BE"), ODD)

# Hashes.
case("hash", lambda x: {
    "fast": tf.strings.to_hash_bucket_fast(x, 2**63 - 1), "few": tf.strings.to_hash_bucket_fast(x, 7919), "some": tf.strings.to_hash_bucket_fast(x, 2**31),
    "strong": tf.strings.to_hash_bucket_strong(x, 2**63 - 1, [133, -137]), "old": raw.StringToHashBucket(string_tensor=x, num_buckets=2**63 - 1),
    "print": tf.fingerprint(x),
}, [bytes(range(n % 256)) * (n // 256 + 1) for n in (*range(0, 70), 127, 128, 129, 191, 192, 193, 300)], TABLE[0])
case("fingerprint_rows", tf.fingerprint, TABLE)
cross = lambda **more: lambda a, b: raw.SparseCross(indices=[], values=[], shapes=[], dense_inputs=[a, b], hashed_output=True, hash_key=956888297470, out_type=L, internal_type=L, **more)
case("cross", cross(num_buckets=0), ([[b"a", b"b"], [b"c", b"d"]], [[1, -2, 3], [4, 5, 6]]), types=(S, L))
case("cross_buckets", cross(num_buckets=10), ([[b"a"], [b"c"]], [[1], [4]]), ([[b"a"], [b"c"]], [[1]]), types=(S, L))

# Tables.
os.makedirs("words", exist_ok=True)
with open("words/words.txt", "wb") as file:
    file.write("the\r\nquick\nbrün\n\0fox\n".encode())
with open("words/columns.txt", "wb") as file:
    file.write(b"a|1|0.5\nb|-2|1e3\nc|3|-.25\n")
init, where = tf.lookup.TextFileInitializer, tf.lookup.TextFileIndex
static = lambda *a: kept(tf.lookup.StaticHashTable(*a))
words = static(init("words/words.txt", S, where.WHOLE_LINE, L, where.LINE_NUMBER), -1)
inverse = static(init("words/words.txt", L, where.LINE_NUMBER, S, where.WHOLE_LINE, vocab_size=3), "?")
columns = static(init("words/columns.txt", S, 0, F, 2, delimiter="|"), -1.0)
offset = static(init("words/columns.txt", L, 1, L, where.LINE_NUMBER, delimiter="|", value_index_offset=10), -7)
asked = [b"the", b"fox", b"\0fox", "brün".encode(), b"", b"The"]
case("table_file", lambda x: (words.lookup(x), words.size()), asked, [[b"quick"], [b"x"]])
case("table_inverse", inverse.lookup, [0, 2, 3, -1], types=(L,))
case("table_columns", columns.lookup, [b"a", b"b", b"c", b"d"])
case("table_offset", offset.lookup, [1, -2, 3, 2**40], types=(L,))
constant = static(tf.lookup.KeyValueTensorInitializer([b"x", b"yy", b""], [1.5, 2.5, 3.5]), 0.0)
ints = static(tf.lookup.KeyValueTensorInitializer(tf.constant([2**62, -1, 0, 2**32], L), [b"big", b"minus", b"zero", b"high"]), b"none")
case("table_constant", constant.lookup, [b"x", b"yy", b"", b"y"])
case("table_ints", lambda x: (ints.lookup(x), ints.size()), [2**62, -1, 0, 2**32, 1, 2**32 - 1], types=(L,))
mutable = kept(tf.lookup.experimental.MutableHashTable(S, L, -5))
mutable.insert([b"p", b"q", b"p"], [1, 2, 3])
case("table_mutable", lambda x: (mutable.lookup(x), mutable.size()), [b"p", b"q", b"r"])
buckets = kept(tf.lookup.StaticVocabularyTable(init("words/words.txt", S, where.WHOLE_LINE, L, where.LINE_NUMBER), 5))
case("table_buckets", buckets.lookup, asked)
case("refused_table_written", lambda x: mutable.lookup(tf.identity(x)) + tf.cast(mutable.insert(x, tf.zeros_like(x, L)) is None, L), [b"p"])

# Keras' feature layers.
voc, column = [b"a", b"b", b"the"], [[b"a"], [b"x"], [b""], [b"the"]]
several = [[b"a", b"the"], [b"x", b"b"], [b"", b"a"]]
layer("string_lookup", layers.StringLookup(vocabulary=voc), column, several)
layer("string_lookup_oov", layers.StringLookup(vocabulary=voc, num_oov_indices=3, mask_token=""), column)
for mode in ("multi_hot", "one_hot", "count"):
    layer(f"string_lookup_{mode}", layers.StringLookup(vocabulary=voc, output_mode=mode), *([column] if mode == "one_hot" else [several]))
layer("string_lookup_tf_idf", layers.StringLookup(vocabulary=voc, output_mode="tf_idf", idf_weights=[1.0, 2.0, 3.0]), several)
layer("string_lookup_inverse", layers.StringLookup(vocabulary=voc, invert=True), [[0], [1], [3]], types=(L,))
layer("integer_lookup", layers.IntegerLookup(vocabulary=[1, 5, 9]), [[1], [9], [4], [-1]], types=(L,))
layer("integer_lookup_oov", layers.IntegerLookup(vocabulary=[1, 5, 9], num_oov_indices=2), [[1], [9], [4], [-1]], types=(L,))
layer("hashing", layers.Hashing(16), column)
layer("hashing_salt", layers.Hashing(16, salt=[133, 137], mask_value=""), column)
layer("hashing_int", layers.Hashing(16), [[1], [-5], [2**40]], types=(L,))
layer("discretization", layers.Discretization(bin_boundaries=[0.0, 1.0, 2.5]), [[-1.0], [0.0], [1.5], [2.5], [np.inf]], types=(F,))
layer("discretization_hot", layers.Discretization(bin_boundaries=[0.0, 1.0], output_mode="one_hot"), [[-1.0], [0.0], [1.5]], types=(F,))
layer("normalization", layers.Normalization(mean=3.0, variance=2.0), [[1.0], [5.0]], types=(F,))
layer("category", layers.CategoryEncoding(num_tokens=5, output_mode="multi_hot"), [[0, 4], [2, 2]], [[0, 9], [2, 2]], types=(L,))
layer("category_count", layers.CategoryEncoding(num_tokens=5, output_mode="count"), [[0, 4], [2, 2]], types=(L,))
crossing = layers.HashedCrossing(num_bins=7)
layer("crossing", crossing, ([[b"a"], [b"b"]], [[1], [2]]), types=(S, L))
layer("crossing_hot", layers.HashedCrossing(num_bins=7, output_mode="one_hot"), ([[b"a"], [b"b"]], [[1], [2]]), types=(S, L))
text = [[b"The quick, brown a!"], [b""], [b"b b the b"], ["a Ünicode\tthe".encode()]]
for mode in ("int", "multi_hot", "count"):
    layer(f"vectorization_{mode}", layers.TextVectorization(vocabulary=voc, output_mode=mode), text, [[b"..."]])
layer("vectorization_tf_idf", layers.TextVectorization(vocabulary=voc, output_mode="tf_idf", idf_weights=[1.0, 2.0, 3.0]), text)
layer("vectorization_length", layers.TextVectorization(vocabulary=voc, output_sequence_length=3), text)
layer("vectorization_ngrams", layers.TextVectorization(vocabulary=[b"a", b"b b"], ngrams=2), text)
layer("vectorization_characters", layers.TextVectorization(vocabulary=voc, split="character"), text)
vectors = layers.TextVectorization(vocabulary=voc)
weights = tf.Variable(np.arange(10, dtype="float32").reshape(5, 2))
KEEP.extend([vectors, weights])
case("text_model", lambda x, y: tf.nn.relu(tf.reduce_mean(tf.gather(weights, vectors(x)), 1) @ tf.transpose(weights) - y), ([row[0] for row in text], [[5.5]]), types=(S, F))
case("text_after_numbers", lambda x: buckets.lookup(tf.strings.as_string(tf.argmax(x @ weights, 1))), np.ones((3, 5), "float32"), types=(F,))


def golden(value):
    array = np.asarray(value)
    if array.dtype.kind not in "OSU":
        return numbers(array)
    items = [each if isinstance(each, bytes) else str(each).encode() for each in array.astype(object).ravel()]
    return {"dtype": "string", "shape": list(array.shape), "data": [base64.b64encode(each).decode() for each in items]}


def fed(value, info):
    dtype = tf.dtypes.as_dtype(info.dtype)
    return np.array(value, object if dtype == S else dtype.as_numpy_dtype)


def results(result):
    return dict(result._asdict()) if hasattr(result, "_asdict") else named(result)


module, signatures = tf.Module(), {}
module.keep = KEEP
for name, (fn, _, specs) in CASES.items():
    signatures[name] = tf.function(lambda *xs, fn=fn: results(fn(*xs))).get_concrete_function(*specs)
shutil.rmtree("model", ignore_errors=True)
tf.saved_model.save(module, "model", signatures)
shutil.rmtree("words")
slim("model/saved_model.pb")
session = tf.compat.v1.Session(graph=tf.Graph())
with session.graph.as_default(), open_copy_of("model") as path:
    meta = tf.compat.v1.saved_model.load(session, ["serve"], path)
    written = {}
    for name, (_, calls, _) in CASES.items():
        signature = meta.signature_def[name]
        written[name] = []
        for call in calls:
            feeds = {key: fed(value, signature.inputs[key]) for key, value in zip(sorted(signature.inputs), call)}
            entry = {"inputs": {key: golden(each) for key, each in feeds.items()}}
            try:
                fetches = {key: info.name for key, info in signature.outputs.items()}
                found = session.run(fetches, {signature.inputs[key].name: each for key, each in feeds.items()})
                entry["outputs"] = {key: golden(each) for key, each in found.items()}
            except tf.errors.OpError as error:
                entry["error"] = error.message.split("\n\t [[")[0].split("\n")[-1]
                print(name, entry["error"])
            written[name].append(entry)
with open("golden.json", "w") as file:
    json.dump(written, file, separators=(",", ":"))
print(len(CASES), "signatures")
