"""Convolution of all kinds, pooling, blocks of pixels, resizing."""

from cases import *

CUBE = f(2, 3, 2, 2, 3)
for padding in ("SAME", "VALID"):
    for stride in (1, 2):
        case(f"Conv3D_{padding}_{stride}", lambda x, p=padding, s=stride: tf.nn.conv3d(x, tf.constant(CUBE), [1, s, s, s, 1], p), f(1, 4, 5, 4, 2))
case("Conv3D_dilated", lambda x: tf.nn.conv3d(x, tf.constant(CUBE), [1] * 5, "VALID", dilations=[1, 2, 1, 2, 1]), f(1, 4, 5, 4, 2))
case("pool_3d", lambda x: {"max": tf.nn.max_pool3d(x, 2, 2, "SAME"), "mean": tf.nn.avg_pool3d(x, [2, 3, 2], 1, "SAME"), "valid": tf.nn.avg_pool3d(x, 2, [1, 2, 1], "VALID")}, f(1, 3, 4, 5, 2))
case("Conv1D", lambda x: {"same": tf.nn.conv1d(x, tf.constant(f(3, 2, 4)), 2, "SAME"), "causal": tf.nn.conv1d(tf.pad(x, [[0, 0], [4, 0], [0, 0]]), tf.constant(f(3, 2, 4)), 1, "VALID", dilations=2)}, f(2, 7, 2))
case("Conv2D_groups", lambda x: tf.nn.conv2d(tf.ensure_shape(x, [None, None, None, 4]), tf.constant(f(3, 3, 2, 6)), 1, "SAME"), f(1, 4, 5, 4))
case("Conv2D_filter_computed", lambda x, s: tf.nn.conv2d(x, tf.constant(f(2, 2, 2, 3)) * s, 1, "SAME"), f(1, 4, 5, 2), f())
for dtype in ("float16", "bfloat16"):
    eighths = np.round(f(1, 4, 4, 1) * 8) / 8
    case(f"Conv2D_{dtype}", lambda x, d=dtype: tf.nn.max_pool2d(tf.nn.conv2d(x, tf.cast(tf.constant([[[[1.0]]], [[[0.5]]]]), d), 1, "SAME"), 2, 2, "VALID"), tf.cast(eighths, dtype).numpy())
case("Depthwise_explicit", lambda x: tf.nn.depthwise_conv2d(x, tf.constant(f(3, 3, 2, 2)), [1] * 4, [[0, 0], [1, 2], [0, 1], [0, 0]]), f(1, 5, 6, 2))
case("Depthwise_dilated", lambda x: raw.DepthwiseConv2dNative(input=x, filter=tf.constant(f(3, 3, 2, 1)), strides=[1] * 4, padding="SAME", dilations=[1, 2, 2, 1]), f(1, 7, 6, 2))
case("dilated_by_batches", lambda x: tf.batch_to_space(tf.nn.conv2d(tf.space_to_batch(x, [2, 2], [[2, 3], [2, 2]]), tf.constant(f(3, 3, 2, 2)), 1, "VALID"), [2, 2], [[0, 1], [0, 0]]), f(2, 7, 6, 2))
case("space_and_batch", lambda x, p: {"out": tf.space_to_batch(x, [2], p), "back": tf.batch_to_space(tf.tile(x, [2, 1, 1]), [2], p), "old": raw.SpaceToBatch(input=x[..., tf.newaxis], paddings=[[0, 1], [0, 0]], block_size=2), "old back": raw.BatchToSpace(input=tf.tile(x[..., tf.newaxis], [4, 1, 1, 1]), crops=[[0, 1], [1, 0]], block_size=2)}, f(2, 3, 2), np.array([[1, 0]], "int32"))
more("space_and_batch", np.zeros((0, 3, 2), "float32"), np.array([[1, 0]], "int32"))
more("space_and_batch", f(2, 4, 2), np.array([[1, 0]], "int32"))

# Transposed convolution.
PAINT = f(3, 3, 4, 2)
for name, (stride, padding, size) in {"SAME": (2, "SAME", [6, 8]), "SAME_odd": (2, "SAME", [5, 7]), "VALID": (2, "VALID", [7, 9]), "VALID_more": (2, "VALID", [8, 10]), "wide": (4, "VALID", [12, 16]), "plain": (1, "SAME", [3, 4])}.items():
    case(f"transposed_{name}", lambda x, s=stride, p=padding, n=size: tf.nn.conv2d_transpose(x, tf.constant(PAINT), tf.stack([tf.shape(x)[0], n[0], n[1], 4]), s, p), f(2, 3, 4, 2))
more("transposed_SAME", f(1, 3, 3, 2))
more("transposed_SAME", np.zeros((0, 3, 4, 2), "float32"))
case("transposed_computed", lambda x: tf.nn.conv2d_transpose(x, tf.constant(PAINT), tf.concat([tf.shape(x)[:1], tf.shape(x)[1:3] * 2, [4]], 0), 2, "SAME"), f(2, 3, 4, 2))
case("transposed_3d", lambda x: tf.nn.conv3d_transpose(x, tf.constant(f(2, 2, 2, 3, 2)), tf.stack([tf.shape(x)[0], 4, 5, 6, 3]), [1, 2, 2, 2, 1], "SAME"), f(1, 2, 3, 3, 2))
case("conv_then_transposed", lambda x: tf.nn.relu(tf.nn.conv2d_transpose(tf.nn.conv2d(x, tf.constant(f(3, 3, 2, 2)), 2, "SAME"), tf.constant(PAINT), tf.stack([tf.shape(x)[0], 6, 6, 4]), 2, "SAME")), f(1, 6, 6, 2))

# Pooling.
case("MaxPoolV2", lambda x: raw.MaxPoolV2(input=x, ksize=[1, 2, 2, 1], strides=[1, 2, 1, 1], padding="SAME"), f(1, 5, 4, 2))
case("MaxPoolWithArgmax", lambda x: {**dict(zip("vi", tf.nn.max_pool_with_argmax(x, 2, 2, "SAME"))), "batch": tf.nn.max_pool_with_argmax(x, 3, 1, "VALID", output_dtype=tf.int32, include_batch_in_index=True)[1]}, np.round(f(2, 5, 4, 3)))
case("MaxPool_explicit", lambda x: tf.nn.max_pool2d(x, 3, 2, [[0, 0], [1, 1], [0, 1], [0, 0]]), f(1, 5, 6, 2))
case("batch_norm_3d", lambda x: raw.FusedBatchNormV3(x=x, scale=f(3), offset=f(3), mean=f(3), variance=f(3, low=0.5), is_training=False, data_format="NDHWC")[0], f(1, 2, 2, 3, 3))
case("batch_norm_half", lambda x: tf.cast(raw.FusedBatchNormV3(x=x, scale=np.ones(2, "float32"), offset=np.zeros(2, "float32"), mean=np.zeros(2, "float32"), variance=np.full(2, 0.25, "float32"), epsilon=0.0, is_training=False)[0], tf.float32), np.round(f(1, 2, 2, 2) * 8).astype("float16"))
case("LRN", lambda x: raw.LRN(input=x, depth_radius=2, bias=0.5, alpha=0.3, beta=0.75), f(1, 2, 3, 7))
case("LRN_plain", lambda x: tf.nn.lrn(x), f(1, 2, 2, 3))

# Blocks.
case("depth_and_space", lambda x, y: {"out": tf.nn.depth_to_space(x, 2), "back": tf.nn.space_to_depth(y, 2)}, f(1, 2, 3, 8), f(1, 4, 6, 3))
more("depth_and_space", np.zeros((0, 2, 3, 8), "float32"), f(1, 4, 6, 3))
case("patches", lambda x: {"valid": tf.image.extract_patches(x, [1, 2, 3, 1], [1, 2, 1, 1], [1, 1, 1, 1], "VALID"), "same": tf.image.extract_patches(x, [1, 3, 2, 1], [1, 2, 2, 1], [1, 2, 1, 1], "SAME")}, f(2, 5, 6, 2))
case("patches_int", lambda x: tf.image.extract_patches(x, [1, 2, 2, 1], [1, 2, 2, 1], [1, 1, 1, 1], "SAME"), ints(1, 3, 3, 1))

# Resizing.
SIZES = {"up": [7, 9], "down": [2, 3], "one": [1, 1], "mixed": [8, 2], "twice": [10, 12]}
MODES = {"": {}, "_corners": {"align_corners": True}, "_halves": {"half_pixel_centers": True}}
for mode, options in MODES.items():
    for op in ("ResizeNearestNeighbor", "ResizeBilinear", "ResizeBicubic", "ResizeArea"):
        if op == "ResizeArea" and mode == "_halves":
            continue
        case(f"{op}{mode}", lambda x, op=op, o=options: {name: getattr(raw, op)(images=x, size=size, **o) for name, size in SIZES.items()}, f(2, 5, 6, 2))
more("ResizeBilinear_halves", np.zeros((0, 5, 6, 2), "float32"))
more("ResizeArea", np.zeros((0, 5, 6, 2), "float32"))
case("resize_computed", lambda x, s: {"near": tf.image.resize(x, s, "nearest"), "linear": tf.image.resize(x, s), "cubic": tf.image.resize(x, s, "bicubic")}, f(1, 3, 3, 1), np.array([4, 7], "int32"))
case("resize_int", lambda x: {"near": raw.ResizeNearestNeighbor(images=x, size=[3, 5]), "linear": raw.ResizeBilinear(images=x, size=[3, 5]), "area": raw.ResizeArea(images=x, size=[3, 1])}, ints(1, 4, 4, 1, low=0, dtype="uint8"))
case("conv_resized", lambda x: (lambda y: tf.concat([tf.image.resize(y, [8, 10], "nearest"), tf.image.resize(y, [8, 10])], -1))(tf.nn.conv2d(x, tf.constant(f(3, 3, 2, 2)), 1, "SAME")), f(1, 4, 5, 2))
CROPS = np.array([[0, 0, 1, 1], [0.2, 0.3, 0.7, 0.9], [-0.2, 0.5, 1.3, 0.1], [0.5, 0.5, 0.5, 0.5]], "float32")
for method in ("bilinear", "nearest"):
    case(f"CropAndResize_{method}", lambda x, b, i, m=method: {"crops": raw.CropAndResize(image=x, boxes=b, box_ind=i, crop_size=[3, 4], method=m, extrapolation_value=-1.0), "single": raw.CropAndResize(image=x, boxes=b, box_ind=i, crop_size=[1, 2], method=m)}, f(2, 5, 6, 2), CROPS, np.array([0, 1, 1, 0], "int32"))
more("CropAndResize_bilinear", f(2, 5, 6, 2), CROPS[:0], np.zeros(0, "int32"))
more("CropAndResize_bilinear", f(2, 5, 6, 2), CROPS[:1], np.array([2], "int32"))
more("CropAndResize_bilinear", f(2, 5, 6, 2), CROPS[:1], np.array([-1], "int32"))

# Edges and colors.
case("MirrorPad", lambda x: {"symmetric": tf.pad(x, [[2, 1], [0, 3]], "SYMMETRIC"), "one": tf.pad(x, [[0, 0], [1, 0]], "SYMMETRIC")}, f(2, 3))
more("MirrorPad", f(1, 3))
more("MirrorPad", f(2, 2))
case("Pad_computed", lambda x, p: {"zeros": tf.pad(x, p), "value": tf.pad(x, p, constant_values=7.0)}, f(2, 3), np.array([[1, 0], [0, 2]], "int32"))
COLORS = np.array([[[0.2, 0.7, 0.1], [0.9, 0.2, 0.4], [0, 0, 0], [1, 1, 1], [0.3, 0.3, 0.8], [0.5, 0.5, 0.1], [1, 0, 0.99]]], "float32")
case("colors", lambda x: {"hsv": tf.image.rgb_to_hsv(x), "rgb": tf.image.hsv_to_rgb(x), "there": tf.image.hsv_to_rgb(tf.image.rgb_to_hsv(x)), "contrast": raw.AdjustContrastv2(images=x, contrast_factor=1.5)}, COLORS)
