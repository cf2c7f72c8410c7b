"""Golden values of every op, from scikit-learn, TensorFlow, Keras, pandas and tokenizers: python make.py

Writes beside this file golden.json, cases of one step each with inputs, files and right answers, and golden-fit.json, a table
and what is to be fitted to it. Needs tensorflow, keras,
scikit-learn, pandas and tokenizers.
"""
import base64
import json
import os
import unicodedata
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np
import pandas as pd
import tensorflow as tf
import tokenizers
from sklearn import impute, preprocessing

rng = np.random.default_rng(7)
cases = []


def encoded(value):
    """An array as JSON has it: strings in base64, since they are bytes; numbers as texts, so that NaN and int64 survive."""
    array = np.asarray(value)
    if array.dtype.kind in "OSU":
        flat = [item if isinstance(item, bytes) else str(item).encode() for item in array.ravel().tolist()]
        data = [base64.b64encode(item).decode() for item in flat]
        return {"dtype": "string", "shape": list(array.shape), "data": data}
    dtype = {"int64": "int64", "int32": "int32", "float32": "float32", "float64": "float64", "bool": "bool"}[array.dtype.name]
    return {"dtype": dtype, "shape": list(array.shape), "data": [repr(item) if array.dtype.kind == "f" else str(int(item)) for item in array.ravel().tolist()]}


def case(source, step, inputs, outputs, tolerance=None, files=None):
    """Inputs are a, b, … and outputs y, z, … in the order of from and to."""
    named = lambda values, first: {chr(ord(first) + i): encoded(v) for i, v in enumerate(values)}
    each = {"source": source, "step": step, "inputs": named(inputs, "a"), "outputs": named(outputs, "y")}
    if tolerance:
        each["tolerance"] = tolerance
    if files:
        each["files"] = {name: base64.b64encode(data).decode() for name, data in files.items()}
    cases.append(each)


def js(value):
    return json.dumps(np.asarray(value).tolist(), ensure_ascii=False)


def numbers(*shape, dtype="float32"):
    return (rng.standard_normal(shape) * 10 + 3).astype(dtype)


# Scaling
for dtype in ["float32", "float64"]:
    x = numbers(20, 3, dtype=dtype)
    x[:, 2] = 4
    fitted = preprocessing.StandardScaler().fit(x.astype("float64"))
    std = np.sqrt(fitted.var_)
    step = f"op: standardize, mean: {js(fitted.mean_)}, std: {js(std)}"
    case("sklearn StandardScaler", step, [x], [fitted.transform(x.astype("float64")).astype(dtype)])
    for clip in [False, True]:
        scaler = preprocessing.MinMaxScaler((-1, 2), clip=clip).fit(x[:10].astype("float64"))
        step = f"op: min-max, min: {js(scaler.data_min_)}, max: {js(scaler.data_max_)}, range: [-1, 2], clip: {js(clip)}"
        case("sklearn MinMaxScaler", step, [x], [scaler.transform(x.astype("float64")).astype(dtype)])
    robust = preprocessing.RobustScaler().fit(x.astype("float64"))
    spread = np.percentile(x.astype("float64"), 75, axis=0) - np.percentile(x.astype("float64"), 25, axis=0)
    step = f"op: robust, center: {js(robust.center_)}, scale: {js(spread)}"
    case("sklearn RobustScaler", step, [x], [robust.transform(x.astype("float64")).astype(dtype)])
one = numbers(9)
case("keras Normalization", "op: standardize, mean: 2, std: 3", [one], [keras.layers.Normalization(mean=2.0, variance=9.0, axis=None)(one)])

# Functions and arithmetic
positive = np.abs(numbers(12))
for name, function in [("log", tf.math.log), ("log1p", tf.math.log1p), ("exp", tf.exp), ("sqrt", tf.sqrt)]:
    case(f"tf.math {name}", f"op: {name}", [positive], [function(positive)])
case("tf.abs", "op: abs", [one], [tf.abs(one)])
x = np.array([-3, np.nan, 0.5, 99], "float32")
case("tf.clip_by_value", "op: clip, min: -1, max: 2.5", [x], [tf.clip_by_value(x, -1, 2.5)])
a, b = numbers(5), np.array([1, -2, 0, 4, 5], "float32")
with np.errstate(divide="ignore"):
    for name, function in [("add", np.add), ("subtract", np.subtract), ("multiply", np.multiply), ("divide", np.divide)]:
        case(f"numpy {name}", f"op: {name}", [a, b], [function(a, b)])
        case(f"numpy {name}", f"op: {name}, by: 3", [a], [function(a, np.float32(3))])
wide = numbers(5, 3)
case("numpy divide", "op: divide", [wide, a], [wide / a[:, None]])
case("numpy subtract", "op: subtract", [a, wide], [a[:, None] - wide])

# Buckets
x = np.array([-5, 0.1, 0.7, 0.3, 2, 1e9, np.inf, -np.inf, np.nan], "float32")
bounds = [0.1, 0.3, 0.7, 2.0]
case("tf.raw_ops.Bucketize", f"op: bucketize, boundaries: {js(bounds)}", [x], [tf.cast(tf.raw_ops.Bucketize(input=x, boundaries=bounds), "int64")])
x = numbers(4, 3)
case("keras Discretization", "op: bucketize, boundaries: [-1, 2.5, 10]", [x], [tf.cast(keras.layers.Discretization([-1, 2.5, 10])(x), "int64")])
x = np.array([1, 5, 6, 7, -3], "int64")
case("tf.raw_ops.Bucketize", "op: bucketize, boundaries: [1, 6]", [x], [tf.cast(tf.raw_ops.Bucketize(input=x, boundaries=[1, 6]), "int64")])

# One-hot and multi-hot
ids = np.array([0, 3, -1, 4, 2], "int64")
case("tf.one_hot", "op: one-hot, depth: 4", [ids], [tf.one_hot(ids, 4)])
case("tf.one_hot", "op: one-hot, depth: 3", [np.array([[0, 2], [5, 1]], "int32")], [tf.one_hot([[0, 2], [5, 1]], 3)])
lists = np.array([[0, 1, 1], [3, 0, 3], [2, 2, 2]], "int64")
for mode, more in [("multi_hot", ""), ("count", ", count: true")]:
    layer = keras.layers.CategoryEncoding(5, output_mode=mode)
    case(f"keras CategoryEncoding {mode}", f"op: multi-hot, depth: 5{more}", [lists], [layer(lists)])

# Hashing and crossing
words = np.array(["", "a", "Paris", "übermut", "日本", "x" * 40, "y" * 100, "0", "-17"], dtype=object)
big = np.array([0, 1, -1, 17, 2**40 + 3, -(2**62), 2**63 - 1], "int64")
for buckets in [10, 1000003, 2**31 - 1]:
    case("tf.strings.to_hash_bucket_fast", f"op: hash, buckets: {buckets}", [words], [tf.strings.to_hash_bucket_fast(words, buckets)])
    case("keras Hashing", f"op: hash, buckets: {buckets}, salt: 1337", [words], [tf.cast(keras.layers.Hashing(buckets, salt=1337)(words), "int64")])
case("tf.strings.to_hash_bucket_strong", "op: hash, buckets: 97, salt: [133, 7]", [words], [tf.strings.to_hash_bucket_strong(words, 97, [133, 7])])
case("keras Hashing", "op: hash, buckets: 10", [words.reshape(3, 3)], [tf.cast(keras.layers.Hashing(10)(words.reshape(3, 3)), "int64")])
case("keras Hashing", "op: hash, buckets: 10, mask: a", [words], [tf.cast(keras.layers.Hashing(10, mask_value="a")(words), "int64")])
case("keras Hashing", "op: hash, buckets: 50", [big], [tf.strings.to_hash_bucket_fast(tf.strings.as_string(big), 50)])
case("keras Hashing", "op: hash, buckets: 50, mask: 17", [big], [tf.cast(keras.layers.Hashing(50, mask_value=17)(big), "int64")])
for buckets in [7, 2**31 - 1]:
    crossing = lambda *columns: tf.squeeze(tf.sparse.to_dense(tf.sparse.cross_hashed([tf.expand_dims(c, -1) for c in columns], buckets)), 1)
    case("tf.sparse.cross_hashed", f"op: cross, buckets: {buckets}", [words[:7], big], [crossing(words[:7], big)])
    case("tf.sparse.cross_hashed", f"op: cross, buckets: {buckets}", [big, words[:7], words[2:]], [crossing(big, words[:7], words[2:])])
case("keras HashedCrossing", "op: cross, buckets: 11", [words[:7], words[2:]], [tf.cast(keras.layers.HashedCrossing(11)((words[:7], words[2:])), "int64")])

# Vocabularies
tokens = ["Paris", "日本", "a", "0"]
asked = np.array(["a", "", "Paris", "nope", "übermut", "日本", "b", "c", "[UNK]"], dtype=object)
for oov in [1, 3]:
    layer = keras.layers.StringLookup(vocabulary=tokens, num_oov_indices=oov)
    step = f"op: lookup, vocabulary: {js(tokens)}, oovBuckets: {oov}, oovFirst: true"
    case("keras StringLookup", step, [asked], [tf.cast(layer(asked), "int64")])
    layer = keras.layers.StringLookup(vocabulary=tokens, num_oov_indices=oov, mask_token="")
    case("keras StringLookup", step + ', mask: ""', [asked], [tf.cast(layer(asked), "int64")])
    table = tf.lookup.StaticVocabularyTable(tf.lookup.KeyValueTensorInitializer(tf.constant(tokens), tf.range(4, dtype="int64")), oov)
    vocab = {"vocab.txt": "\n".join(tokens).encode()}
    case("tf.lookup.StaticVocabularyTable", f"op: lookup, file: vocab.txt, oovBuckets: {oov}", [asked], [table[tf.constant(asked)]], files=vocab)
layer = keras.layers.IntegerLookup(vocabulary=[5, -7, 2**40], num_oov_indices=1)
numbers_asked = np.array([5, 6, -7, 2**40, 0], "int64")
case("keras IntegerLookup", f"op: lookup, vocabulary: [5, -7, {2**40}], oovBuckets: 1, oovFirst: true", [numbers_asked], [tf.cast(layer(numbers_asked), "int64")])

# Imputation
holes = numbers(8, 2)
holes[[0, 3], [0, 1]] = np.nan
for strategy, name in [("mean", "mean"), ("median", "median")]:
    fitted = impute.SimpleImputer(strategy=strategy).fit(holes.astype("float64"))
    step = f"op: impute, strategy: {name}, value: {js(fitted.statistics_)}"
    case(f"sklearn SimpleImputer {strategy}", step, [holes], [fitted.transform(holes.astype("float64")).astype("float32")])
coded = np.array([1, -1, 3, -1], "int64")
fitted = impute.SimpleImputer(missing_values=-1, strategy="constant", fill_value=9).fit(coded[:, None])
case("sklearn SimpleImputer constant", "op: impute, strategy: constant, value: 9, missing: -1", [coded], [fitted.transform(coded[:, None])[:, 0]])
texts = np.array(["a", "", "b"], dtype=object)
fitted = impute.SimpleImputer(missing_values="", strategy="constant", fill_value="none").fit(texts[:, None])
case("sklearn SimpleImputer constant", "op: impute, strategy: constant, value: none", [texts], [fitted.transform(texts[:, None])[:, 0]])

# Text
prose = np.array(["  Hello, World!  ", "", "a-b_c d's", "ÀÉ ﬁne ＡＢ", "The quick  brown fox", "tab\tand\nline"], dtype=object)
lowered = tf.strings.regex_replace(tf.strings.lower(prose), r'[!"#$%&()\*\+,-\./:;<=>?@\[\\\]^_`{|}~\']', "")
case("keras lower_and_strip_punctuation", "op: normalize-text, lower: ascii, punctuation: remove, strip: false", [prose], [lowered])
case("python str.lower and strip", "op: normalize-text", [prose], [np.array([t.lower().strip() for t in prose], dtype=object)])
for form in ["NFC", "NFD", "NFKC", "NFKD"]:
    case(f"python unicodedata {form}", f"op: normalize-text, lower: none, strip: false, unicode: {form}", [prose], [np.array([unicodedata.normalize(form, t) for t in prose], dtype=object)])
case("tf.strings.split", "op: split, length: 4", [prose], [tf.strings.split(prose).to_tensor("", shape=[None, 4])])
chars = tf.strings.unicode_split(prose, "UTF-8").to_tensor("", shape=[None, 5])
case("tf.strings.unicode_split", 'op: split, separator: "", length: 5', [prose], [chars])
bars = np.array(["a|b|c", "x", ""], dtype=object)
case("tf.strings.split", 'op: split, separator: "|", length: 3', [bars], [tf.strings.split(bars, "|").to_tensor("", shape=[None, 3])])
case("python re.split", r'op: split, pattern: "[,;] ?", length: 3', [np.array(["a, b;c", "d"], dtype=object)], [np.array([["a", "b", "c"], ["d", "", ""]], dtype=object)])
listed = tf.strings.split(prose).to_tensor("", shape=[None, 4])
for widths in [[2], [1, 2], [3]]:
    grams = tf.strings.ngrams(tf.strings.split(prose), ngram_width=tuple(widths), separator=" ").to_tensor("", shape=[None, 7])
    case("tf.strings.ngrams", f"op: ngrams, widths: {js(widths)}, length: 7", [listed], [grams])

# Dates
stamps = pd.to_datetime(["1970-01-01", "2000-02-29 23:59:59", "1969-12-31 12:30:15", "2024-12-30 06:00:00", "1900-03-01", "9999-12-31", "2023-01-01 18:45:00"], format="mixed")
parts = ["year", "quarter", "month", "day", "weekday", "yearday", "hour", "minute", "second"]
right = [stamps.year, stamps.quarter, stamps.month, stamps.day, stamps.weekday, stamps.dayofyear, stamps.hour, stamps.minute, stamps.second]
iso = np.array([s.isoformat() for s in stamps], dtype=object)
seconds = np.array([s.timestamp() for s in stamps.tz_localize("UTC")])
for i, part in enumerate(parts):
    case(f"pandas {part}", f"op: date, parts: [{part}]", [iso], [np.asarray(right[i]).astype("int64")])
    case(f"pandas {part}", f"op: date, parts: [{part}]", [seconds.astype("int64")], [np.asarray(right[i]).astype("int64")])
case("pandas year", "op: date, parts: [year], unit: ms", [seconds * 1000], [np.asarray(stamps.year).astype("int64")])
zoned = np.array(["2024-02-29T23:30:00-02:00", "2024-03-01T00:30:00+0530", "2024-03-01T01:00:00.5Z", "2024-03-01 01:00"], dtype=object)
case("pandas day in UTC", "op: date, parts: [day]", [zoned], [np.array([pd.to_datetime(z, utc=True).day for z in zoned], "int64")])
cycles = {
    "year": (stamps.dayofyear - 1) / np.where(stamps.is_leap_year, 366, 365),
    "month": (stamps.month - 1) / 12,
    "weekday": stamps.weekday / 7,
    "day": (stamps.hour * 3600 + stamps.minute * 60 + stamps.second) / 86400,
    "hour": (stamps.minute * 60 + stamps.second) / 3600,
}
for name, place in cycles.items():
    angle = 2 * np.pi * np.asarray(place)
    case(f"numpy sin and cos of {name}", f"op: date, cycles: [{name}]", [iso], [np.sin(angle).astype("float32"), np.cos(angle).astype("float32")])

# Casts
reals = np.array([1.9, -1.9, 0, 2**31 + 0.5], "float64")
case("tf.cast", "op: cast, dtype: int64", [reals], [tf.cast(reals, "int64")])
case("tf.cast", "op: cast, dtype: bool", [reals], [tf.cast(reals, "bool")])
case("tf.cast", "op: cast, dtype: float32", [big], [tf.cast(big, "float32")])
case("tf.strings.as_string", "op: cast, dtype: string", [big], [tf.strings.as_string(big)])
digits = np.array(["1", "-2.5", " 3e2 ", "1e-3", "inf"], dtype=object)
case("tf.strings.to_number", "op: cast, dtype: float32", [digits], [tf.strings.to_number(digits)])

# Shapes
case("tf.concat", "op: concat", [a, wide, b], [tf.concat([a[:, None], wide, b[:, None]], 1)])
case("tf.concat", "op: concat", [big, big.reshape(7, 1)], [tf.stack([big, big], 1)])
case("tf.concat", "op: concat", [words, words.reshape(9, 1)], [tf.stack([words, words], 1)])
x = numbers(2, 6)
case("numpy reshape", "op: reshape, shape: [3, 2]", [x], [x.reshape(2, 3, 2)])
rows = np.array([[1, 2, 3], [4, 5, 6]], "int64")
for side, cut, length in [("post", "post", 5), ("pre", "post", 5), ("post", "pre", 2), ("post", "post", 2)]:
    padded = keras.utils.pad_sequences(rows, length, dtype="int64", padding=side, truncating=cut, value=9)
    names = {"post": "end", "pre": "start"}
    case("keras pad_sequences", f"op: pad, length: {length}, value: 9, side: {names[side]}, cut: {names[cut]}", [rows], [padded])

# Word pieces and tokenizers
pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "the", "quick", "bro", "##wn", "fox", "##es", "jump", "##ed", "!", ",", "caf", "##e", "日", "本", "$", "un", "##aff", "##able"]
vocab = {"vocab.txt": "\n".join(pieces).encode()}
sentences = np.array(["The quick brown foxes jumped!", "", "Café,日本 $5 \u0000the\u200b", "unaffable unaffabled", "the " * 20, "x" * 101 + " fox"], dtype=object)
for lower in [True, False]:
    for special in [True, False]:
        bert = tokenizers.BertWordPieceTokenizer({p: i for i, p in enumerate(pieces)}, lowercase=lower)
        bert.enable_truncation(8)
        bert.enable_padding(length=8)
        found = [bert.encode(s, add_special_tokens=special) for s in sentences]
        ids, mask = np.array([f.ids for f in found], "int64"), np.array([f.attention_mask for f in found], "int64")
        step = f"op: wordpiece, file: vocab.txt, length: 8, lower: {js(lower)}, special: {js(special)}"
        case("tokenizers BertWordPieceTokenizer", step, [sentences], [ids, mask], files=vocab)
bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
bpe.decoder = tokenizers.decoders.ByteLevel()
trainer = tokenizers.trainers.BpeTrainer(vocab_size=320, special_tokens=["<pad>", "<s>", "</s>"], initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
bpe.train_from_iterator([str(s) for s in sentences] * 3, trainer)
bpe.post_processor = tokenizers.processors.TemplateProcessing(single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
definition = {"tokenizer.json": bpe.to_str().encode()}
bpe.enable_truncation(10)
bpe.enable_padding(length=10, pad_id=0, pad_token="<pad>")
for special in [True, False]:
    found = [bpe.encode(s, add_special_tokens=special) for s in sentences]
    ids, mask = np.array([f.ids for f in found], "int64"), np.array([f.attention_mask for f in found], "int64")
    case("tokenizers BPE", f"op: tokenizer, length: 10, special: {js(special)}", [sentences], [ids, mask], files=definition)

# Images: smooth ones, so that what is measured is the geometry and not the coder's noise
grid = np.stack(np.meshgrid(np.linspace(0, 1, 64), np.linspace(0, 1, 48)), -1)
photo = np.stack([grid[..., 0] * 255, grid[..., 1] * 255, np.sin(grid.sum(-1) * 5) * 100 + 128], -1).astype("uint8")
png, jpeg = tf.io.encode_png(photo).numpy(), tf.io.encode_jpeg(photo, quality=98, chroma_downsampling=False).numpy()
gray_png = tf.io.encode_png(photo[..., :1]).numpy()
alpha_png = tf.io.encode_png(np.concatenate([photo, np.full((48, 64, 1), 128, "uint8")], -1)).numpy()
def pixels(data, size, method="bilinear"):
    decode = tf.io.decode_png if data[1:4] == b"PNG" else lambda *args, **more: tf.io.decode_jpeg(*args, **more, dct_method="INTEGER_ACCURATE")
    image = decode(data, channels=3)
    return tf.image.resize(image, size, method=method, antialias=True)
# The same size shows the decoder alone. libvips weighs pixels at the edge otherwise than TensorFlow.
looks = [(png, [48, 64], 0.01), (jpeg, [48, 64], 0.01), (png, [12, 16], 3), (jpeg, [12, 16], 3), (gray_png, [12, 16], 3), (alpha_png, [12, 16], 3)]
for data, size, tolerance in looks:
    right = tf.expand_dims(tf.round(pixels(data, size)), 0)
    case("tf.image.resize antialias", f"op: image, size: {size}", [np.array([data], dtype=object)], [right], tolerance=tolerance)
two = np.array([png, jpeg], dtype=object)
both = tf.stack([pixels(png, [6, 8]), pixels(jpeg, [6, 8])])
mean, std = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
step = f"op: image, size: [6, 8], scale: {1 / 255!r}, mean: {js(mean)}, std: {js(std)}, layout: nchw"
case("tf.image normalized", step, [two], [np.transpose((both.numpy() / 255 - mean) / std, (0, 3, 1, 2)).astype("float32")], tolerance=0.09)
gray = tf.reduce_sum(both * tf.constant([0.2989, 0.587, 0.114]), -1, keepdims=True)
case("tf.image.rgb_to_grayscale", "op: image, size: [6, 8], channels: gray", [two], [gray], tolerance=3)

# What fitting computes, from a table with holes
count = 200
table = pd.DataFrame({"x": rng.standard_normal(count) * 5 + 40, "y": rng.integers(0, 9, count).astype("float64"), "city": rng.choice(["Ulm", "Rom", "Bonn", "Köln", "a,b"], count, p=[0.4, 0.3, 0.1, 0.1, 0.1])})
table.loc[rng.integers(0, count, 20), "x"] = np.nan
table.loc[rng.integers(0, count, 20), "city"] = ""
x, y = table[["x"]].to_numpy(), table[["y"]].to_numpy()
standard, minmax = preprocessing.StandardScaler().fit(x), preprocessing.MinMaxScaler().fit(x)
robust = preprocessing.RobustScaler(quantile_range=(10, 90)).fit(x)
bins = preprocessing.KBinsDiscretizer(5, encode="ordinal", strategy="quantile", quantile_method="linear").fit(y)
uniform = preprocessing.KBinsDiscretizer(4, encode="ordinal", strategy="uniform").fit(y)
imputed = lambda strategy, column: impute.SimpleImputer(strategy=strategy).fit(column).statistics_[0]
lookup = keras.layers.StringLookup(num_oov_indices=0, mask_token="")
lookup.adapt(table["city"].to_numpy().astype(object))
fits = [
    ["op: standardize, from: x", {"mean": standard.mean_[0], "std": np.sqrt(standard.var_[0])}],
    ["op: min-max, from: x", {"min": minmax.data_min_[0], "max": minmax.data_max_[0]}],
    ["op: robust, from: x, quantiles: [0.1, 0.9]", {"center": robust.center_[0], "scale": robust.scale_[0]}],
    ["op: bucketize, from: y, bins: 5", {"boundaries": bins.bin_edges_[0][1:-1].tolist()}],
    ["op: bucketize, from: y, bins: 4, strategy: uniform", {"boundaries": uniform.bin_edges_[0][1:-1].tolist()}],
    ["op: impute, from: x, strategy: mean", {"value": imputed("mean", x)}],
    ["op: impute, from: x, strategy: median", {"value": imputed("median", x)}],
    ["op: impute, from: y, strategy: most-frequent", {"value": imputed("most_frequent", y)}],
    ["op: lookup, from: city", {"vocabulary": lookup.get_vocabulary(include_special_tokens=False)}],
]
fitted = {"csv": table.to_csv(index=False), "fits": fits}
Path(__file__).with_name("golden-fit.json").write_text(json.dumps(fitted, separators=(",", ":"), ensure_ascii=False) + "\n")
Path(__file__).with_name("golden.json").write_text(json.dumps(cases, separators=(",", ":"), ensure_ascii=False) + "\n")
print(len(cases), "cases")
