"""Makes what the example serves: a tokenizer, an encoder, and the vectors of 300 sentences.

    python make.py          # needs numpy, onnx, onnxruntime and tokenizers; seconds

Ten themes have their words, some of which (bank, star, bug, court) belong to two. The encoder never hears of themes: it is
latent semantic analysis of 6,000 sentences, so words are near that are found in the same company. Everything is seeded: the
same files come out again.
"""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers

HERE = Path(__file__).parent
WIDTH = 12
EACH, ASKED, K = 30, 6, 5  # sentences and queries of a theme, neighbours
WHO = "my brother|our neighbour|a friend|somebody|my aunt|an old man|a child|everyone"
WHEN = "before dawn|on sunday|again|for an hour|all winter|yesterday|in the afternoon|without a word|every week|at last"
# who, does, what, where: the words of a theme
THEMES = {
    "cooking": [
        "the chef|a baker|the waiter|the cook",
        "kneads|stirs|tastes|seasons|serves|bakes|fries|chops",
        "the dough|a spicy soup|fresh bread|the onions|a lemon cake|garlic and herbs|the roast chicken|a pot of rice",
        "in the kitchen|over low heat|in a copper pan|in the oven|for the guests",
    ],
    "football": [
        "the striker|our goalkeeper|the coach|the referee|the star of the team",
        "scores|defends|misses|wins|watches|kicks|saves",
        "the penalty|a late goal|the final match|the ball|the league title|a free kick|the second half",
        "in the stadium|on the pitch|in front of the fans|against the champions|in extra time",
    ],
    "money": [
        "the investor|the bank|a broker|the treasurer|the shareholder",
        "sells|buys|borrows|lends|counts|invests|owes",
        "the shares|a mortgage|the interest|government bonds|a loan|the dividend|their savings|the stocks",
        "at a low rate|on the market|in the account|despite inflation|with a profit",
    ],
    "astronomy": [
        "the astronomer|a telescope|the observatory|the probe|an astronaut",
        "observes|photographs|orbits|discovers|measures|studies|maps",
        "a distant star|the moons of jupiter|a bright comet|the rings of saturn|a dark galaxy|the red planet|an eclipse",
        "in the night sky|beyond neptune|from orbit|at midnight|through the lens",
    ],
    "gardening": [
        "the gardener|a bee|the florist|the bug|a robin",
        "plants|waters|prunes|digs up|picks|eats|sows",
        "the roses|tomato seeds|the apple tree|the weeds|a row of beans|the tulips|a hedge|the leaves",
        "in the garden|in the flower bed|by the greenhouse|in wet soil|under the pear tree",
    ],
    "computers": [
        "the programmer|a server|the tester|the administrator|the compiler",
        "debugs|installs|restarts|deploys|rewrites|finds|compiles",
        "the software|a nasty bug|the database|the operating system|a python script|the source code|the new release",
        "on the laptop|in the cloud|in the repository|over the network|behind a firewall",
    ],
    "health": [
        "the doctor|a nurse|the surgeon|the patient|the dentist",
        "treats|examines|prescribes|cures|heals|suffers from|diagnoses",
        "the fever|a broken arm|a sore throat|the medicine|the infection|a bad cough|the wound|high blood pressure",
        "in the hospital|at the clinic|after the operation|with a vaccine|in the emergency room",
    ],
    "music": [
        "the violinist|the choir|a pianist|the band|the rising star of the opera",
        "plays|sings|records|rehearses|composes|tunes|conducts",
        "a slow waltz|the symphony|an old guitar|the chorus|a sad melody|the drums|a cello sonata|the national anthem",
        "in the concert hall|on stage|with the orchestra|in the studio|in a minor key",
    ],
    "law": [
        "the judge|a lawyer|the witness|the jury|the court",
        "accuses|convicts|questions|acquits|sentences|defends|appeals",
        "the verdict|the thief|a false testimony|the suspect|the new law|the defendant|the contract|a guilty man",
        "in court|under oath|at the trial|before the tribunal|in prison",
    ],
    "river": [
        "the fisherman|a heron|the ferry|an otter|the miller",
        "crosses|follows|catches|rows along|swims in|floods|drifts down",
        "the river|a big trout|the muddy bank|the stream|the current|a salmon|the reeds|the deep water",
        "under the bridge|in a small boat|near the waterfall|at the weir|by the willow",
    ],
}
WRITTEN = {
    "bread or soup for dinner": "cooking",
    "the striker missed another goal": "football",
    "an otter on the bank of the river": "river",
    "a loan from the bank": "money",
    "a star near jupiter": "astronomy",
    "a star sings opera": "music",
    "a bug in the database": "computers",
    "a bug on the roses": "gardening",
    "does the jury trust the witness?": "law",
    "the nurse has a cold and a fever": "health",
}


def sentence(rng, theme):
    who, does, what, where = (part.split("|") for part in THEMES[theme])
    pick = lambda choices: choices[rng.integers(len(choices))]
    words = [pick(WHO.split("|")) if rng.random() < 0.4 else pick(who), pick(does), pick(what)]
    if rng.random() < 0.6:
        words.append(pick(where))
    if rng.random() < 0.4:
        words.append(pick(WHEN.split("|")))
    return " ".join(words).capitalize() + "."


def sentences(rng, each, without=()):
    """As many of each theme, none twice."""
    found = {}
    for theme in THEMES:
        wanted = len(found) + each
        while len(found) < wanted:
            text = sentence(rng, theme)
            if text not in without:
                found[text] = theme
    return found


def stem(word):
    for ending in ("sses", "ches", "shes"):
        if word.endswith(ending):
            return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def tokenizer_of(texts):
    """WordPiece whose pieces are the stems of all words, some endings, and letters for words that it does not know."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,;:?!'\"-"
    pieces = [*letters, *(f"##{letter}" for letter in letters), "##es", "##ed", "##ing"]
    stems = {stem(word) for text in texts for word in text.lower().rstrip(".").split()}
    vocabulary = ["[PAD]", "[UNK]", *pieces, *sorted(stems - set(pieces))]
    ids = {piece: at for at, piece in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")
    tokenizer.enable_truncation(32)
    return tokenizer


def ids_and_mask(tokenizer, texts):
    encoded = tokenizer.encode_batch(list(texts))
    return {
        "input_ids": np.array([each.ids for each in encoded], np.int64),
        "attention_mask": np.array([each.attention_mask for each in encoded], np.int64),
    }


def analyse(tokenizer, texts):
    """A vector for each piece of the tokenizer; what it never read has zeros."""
    ids, mask = ids_and_mask(tokenizer, texts).values()
    counts = np.zeros((len(ids), tokenizer.get_vocab_size()))
    np.add.at(counts, (np.repeat(np.arange(len(ids)), ids.shape[1]), ids.ravel()), mask.ravel())
    rarity = np.log((1 + len(ids)) / (1 + (counts > 0).sum(axis=0)))
    weighed = counts * rarity
    _, _, axes = np.linalg.svd(weighed / np.linalg.norm(weighed, axis=1, keepdims=True), full_matrices=False)
    axes = axes[:WIDTH].T
    axes *= np.sign(axes[np.abs(axes).argmax(axis=0), np.arange(WIDTH)])
    return ((rarity * counts.any(axis=0))[:, None] * axes).astype(np.float32)


def as_onnx(vectors):
    """The mean of the vectors where the mask is 1, at length 1."""
    nodes = [
        helper.make_node("Gather", ["vectors", "input_ids"], ["each"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["weights"]),
        helper.make_node("Mul", ["each", "weights"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "middle"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["weights", "middle"], ["count"], keepdims=0),
        helper.make_node("Max", ["count", "one"], ["of"]),
        helper.make_node("Div", ["sum", "of"], ["mean"]),
        helper.make_node("LpNormalization", ["mean"], ["embedding"], axis=-1, p=2),
    ]
    graph = helper.make_graph(
        nodes,
        "encoder",
        [helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "length"]) for name in ("input_ids", "attention_mask")],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", WIDTH])],
        [
            helper.make_tensor("vectors", TensorProto.FLOAT, vectors.shape, vectors.tobytes(), raw=True),
            helper.make_tensor("one", TensorProto.FLOAT, [1], [1.0]),
            helper.make_tensor("last", TensorProto.INT64, [1], [-1]),
            helper.make_tensor("middle", TensorProto.INT64, [1], [1]),
        ],
    )
    proto = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(proto)
    return proto


def fresh(name):
    path = HERE / "models" / name / "1"
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def main():
    rng = np.random.default_rng(7)
    corpus = sentences(rng, EACH)
    asked = {**WRITTEN, **sentences(rng, ASKED, without=corpus)}
    read = [sentence(rng, theme) for theme in THEMES for _ in range(600)]

    tokenizer = tokenizer_of([*read, *corpus])
    (fresh("pieces") / "tokenizer.json").write_text(tokenizer.to_str(pretty=True) + "\n")
    encoder = fresh("encoder") / "model.onnx"
    onnx.save(as_onnx(analyse(tokenizer, read)), str(encoder))
    session = onnxruntime.InferenceSession(str(encoder), providers=["CPUExecutionProvider"])

    def encode(texts):
        return session.run(None, ids_and_mask(tokenizer, texts))[0]

    folder = fresh("corpus")
    table = encode(corpus)
    np.save(folder / "embeddings.npy", table)
    (folder / "keys.txt").write_text("".join(f"{text}\n" for text in corpus))

    # The same in numpy, one text at a time: what the server is to answer.
    golden = []
    for text, theme in asked.items():
        cosines = (table.astype(np.float64) @ encode([text])[0]) / np.linalg.norm(table, axis=1)
        best = np.argsort(-cosines, kind="stable")[:K]
        pieces = tokenizer.encode(text).ids
        scores = [round(float(score), 6) for score in cosines[best]]
        golden.append({"text": text, "theme": theme, "ids": pieces, "best": [list(corpus)[at] for at in best], "scores": scores})
    data = HERE / "data"
    data.mkdir(exist_ok=True)
    (data / "themes.txt").write_text("".join(f"{theme}\n" for theme in corpus.values()))
    with open(data / "golden.json", "w") as file:
        json.dump(golden, file)
    right = [np.mean([corpus[found] == each["theme"] for found in each["best"]]) for each in golden]
    print(f"pieces {tokenizer.get_vocab_size()}, precision of the theme at {K}: {np.mean(right):.3f}")
    for each in golden[: len(WRITTEN)]:
        print(each["text"], each["best"][:2], each["scores"][:2])


if __name__ == "__main__":
    main()
