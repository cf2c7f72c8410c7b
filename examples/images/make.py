"""Makes what the example serves: a network that knows ten shapes, their names, and pictures it was not trained on.

    python make.py          # needs numpy and tensorflow; a minute or two

The pictures are drawn: a shape, turned, moved and stretched, in any two colours that differ, with a shaded background and
noise. Everything is seeded: the same files come out again.
"""

import json
import os
import shutil
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np
import tensorflow as tf

HERE = Path(__file__).parent
SIDE = 32
EACH = 2  # pictures of a shape that are kept
TRANSFORM = f"""\
# The bytes of a picture file in, grey pixels of 0 to 1 out.
inputs:
  picture: string
steps:
  - {{ op: image, from: picture, to: pixels, size: [{SIDE}, {SIDE}], channels: gray, scale: 0.00392156862745098 }}
outputs: [pixels]
"""


def radius(x, y):
    return np.hypot(x, y)


def star(x, y):
    point = np.abs(np.arctan2(x, y) / (2 * np.pi / 5) % 1 - 0.5) * 2
    return radius(x, y) < 0.9 * (0.38 + 0.62 * point**1.5)


def heart(x, y):
    u, v = 1.3 * x, 1.3 * y + 0.1
    return (u**2 + v**2 - 1) ** 3 < u**2 * v**3


def arrow(x, y):
    shaft = (np.abs(y) < 0.2) & (x > -0.85) & (x < 0.1)
    return shaft | ((x >= 0.1) & (np.abs(y) < 0.85 * (0.85 - x)))


SHAPES = {
    "circle": lambda x, y: radius(x, y) < 0.8,
    "ring": lambda x, y: (radius(x, y) < 0.85) & (radius(x, y) > 0.5),
    "square": lambda x, y: np.maximum(np.abs(x), np.abs(y)) < 0.7,
    "frame": lambda x, y: (np.maximum(np.abs(x), np.abs(y)) < 0.75) & (np.maximum(np.abs(x), np.abs(y)) > 0.42),
    "triangle": lambda x, y: (y > -0.6) & (y < 0.85 - 1.6 * np.abs(x)),
    "cross": lambda x, y: (np.minimum(np.abs(x), np.abs(y)) < 0.22) & (np.maximum(np.abs(x), np.abs(y)) < 0.8),
    "star": star,
    "heart": heart,
    "moon": lambda x, y: (radius(x, y) < 0.85) & (radius(x - 0.4, y - 0.1) > 0.65),
    "arrow": arrow,
}
NAMES = list(SHAPES)


def colours(rng):
    """Two that differ in brightness: the network sees no colours."""
    while True:
        pair = rng.uniform(0, 255, (2, 3))
        if abs(np.diff(pair @ [0.2989, 0.587, 0.114])[0]) > 70:
            return pair


def draw(rng, name, height, width, finer=3):
    angle, size = rng.uniform(-0.45, 0.45), rng.uniform(0.55, 0.95)
    at_y, at_x = rng.uniform(-1, 1, 2) * (1 - size)
    across = (np.arange(width * finer) + 0.5) / (width * finer) * 2 - 1
    down = 1 - (np.arange(height * finer) + 0.5) / (height * finer) * 2
    x, y = (across[None, :] - at_x) / size, (down[:, None] - at_y) / size
    inside = SHAPES[name](x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle))
    share = inside.reshape(height, finer, width, finer).mean(axis=(1, 3))[:, :, None]
    paint, ground = colours(rng)
    shade = rng.uniform(-25, 25) * across[finer // 2 :: finer][None, :, None]
    pixels = share * paint + (1 - share) * (ground + shade) + rng.normal(0, rng.uniform(2, 12), (height, width, 3))
    return np.clip(np.rint(pixels), 0, 255).astype(np.uint8)


def grey(pixels):
    return pixels @ np.float32([[0.2989], [0.587], [0.114]]) / 255


class Network(tf.Module):
    """Three convolutions and a dense layer, 11,000 numbers."""

    def __init__(self):
        super().__init__()
        shapes = [(3, 3, 1, 8), (3, 3, 8, 16), (3, 3, 16, 32), (4 * 4 * 32, len(NAMES))]
        self.weights = [tf.Variable(tf.random.normal(shape, stddev=(2 / np.prod(shape[:-1])) ** 0.5)) for shape in shapes]
        self.biases = [tf.Variable(tf.zeros(shape[-1:])) for shape in shapes]

    def logits(self, pixels):
        for weight, bias in zip(self.weights[:3], self.biases[:3]):
            pixels = tf.nn.relu(tf.nn.conv2d(pixels, weight, 1, "SAME") + bias)
            pixels = tf.nn.max_pool2d(pixels, 2, 2, "VALID")
        return tf.reshape(pixels, [-1, 4 * 4 * 32]) @ self.weights[3] + self.biases[3]

    @tf.function(input_signature=[tf.TensorSpec([None, SIDE, SIDE, 1], tf.float32, name="pixels")])
    def __call__(self, pixels):
        probabilities = tf.nn.softmax(self.logits(pixels))
        return {
            "class": tf.argmax(probabilities, axis=1),
            "confidence": tf.reduce_max(probabilities, axis=1),
            "probabilities": probabilities,
        }


def train(rng, count=12_000, epochs=15, batch=100):
    classes = rng.integers(0, len(NAMES), count)
    pixels = np.stack([grey(draw(rng, NAMES[each], SIDE, SIDE)) for each in classes]).astype(np.float32)
    network = Network()
    optimizer = tf.keras.optimizers.Adam(tf.keras.optimizers.schedules.CosineDecay(0.003, count // batch * epochs))

    @tf.function
    def step(some_pixels, some_classes):
        with tf.GradientTape() as tape:
            losses = tf.nn.sparse_softmax_cross_entropy_with_logits(some_classes, network.logits(some_pixels))
            loss = tf.reduce_mean(losses)
        optimizer.apply_gradients(zip(tape.gradient(loss, network.trainable_variables), network.trainable_variables))
        return loss

    for _ in range(epochs):
        order = rng.permutation(count).reshape(-1, batch)
        losses = [step(tf.constant(pixels[at]), tf.constant(classes[at])) for at in order]
    print("loss", float(losses[-1]))
    return network


def fresh(path):
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(parents=True)
    return path


def decoded(path):
    """As the transform decodes it, in TensorFlow."""
    pixels = tf.io.decode_jpeg(tf.io.read_file(str(path)), channels=3, dct_method="INTEGER_ACCURATE")
    return grey(tf.image.resize(pixels, [SIDE, SIDE], antialias=True).numpy()).astype(np.float32)


def main():
    rng = np.random.default_rng(7)
    tf.keras.utils.set_random_seed(7)
    tf.config.experimental.enable_op_determinism()
    network = train(rng)

    models = HERE / "models"
    (fresh(models / "pixels" / "1") / "transform.yaml").write_text(TRANSFORM)
    (fresh(models / "names" / "1") / "vocab.txt").write_text("".join(f"{name}\n" for name in NAMES))
    tf.saved_model.save(network, str(fresh(models / "shapes" / "1")), signatures=network.__call__)
    for extra in ("fingerprint.pb", "assets"):
        path = models / "shapes" / "1" / extra
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)

    pictures = fresh(HERE / "pictures")
    golden = []
    for name in NAMES:
        for number in range(1, EACH + 1):
            height, width = (int(side) for side in rng.integers(48, 104, 2))
            path = pictures / f"{name}-{number}.jpg"
            path.write_bytes(tf.io.encode_jpeg(draw(rng, name, height, width), quality=80).numpy())
            probabilities = network(tf.constant(decoded(path)[None]))["probabilities"].numpy()[0]
            golden.append({"file": path.name, "probabilities": [round(float(p), 6) for p in probabilities]})
    with open(HERE / "golden.json", "w") as file:
        json.dump(golden, file)
    right = [NAMES[int(np.argmax(each["probabilities"]))] == each["file"].split("-")[0] for each in golden]
    print("accuracy", np.mean(right))


if __name__ == "__main__":
    main()
