// Written by test/fixtures/make/op_defs.py: TensorFlow's operators, one a line.
// Name, "!" where it has a state | inputs | outputs | attributes with their defaults. Arguments are name:type, where the
// type may be an attribute; N*T is a list of as many of that type, *T a list of types.
export const STANDARD_OPS = `
Abort |  |  | error_msg:string="" exit_without_error:bool=false
Abs | x:T | y:T | T:type
AccumulateNV2 | inputs:N*T | sum:T | N:int T:type shape:shape
Acos | x:T | y:T | T:type
Acosh | x:T | y:T | T:type
Add | x:T y:T | z:T | T:type
AddN | inputs:N*T | sum:T | N:int T:type
AddV2 | x:T y:T | z:T | T:type
AdjustContrast | images:T contrast_factor:float min_value:float max_value:float | output:float | T:type
AdjustContrastv2 | images:T contrast_factor:float | output:T | T:type="float"
AdjustHue | images:T delta:float | output:T | T:type="float"
AdjustSaturation | images:T scale:float | output:T | T:type="float"
All | input:bool reduction_indices:Tidx | output:bool | keep_dims:bool=false Tidx:type="int32"
Angle | input:T | output:Tout | T:type="complex64" Tout:type="float"
Any | input:bool reduction_indices:Tidx | output:bool | keep_dims:bool=false Tidx:type="int32"
ApproxTopK | input:T | values:T indices:int32 | k:int reduction_dimension:int=-1 recall_target:float=0.949999988079071 is_max_k:bool=true reduction_input_size_override:int=-1 aggregate_to_topk:bool=true T:type
ApproximateEqual | x:T y:T | z:bool | T:type tolerance:float=9.999999747378752e-06
ArgMax | input:T dimension:Tidx | output:output_type | T:type Tidx:type="int32" output_type:type="int64"
ArgMin | input:T dimension:Tidx | output:output_type | T:type Tidx:type="int32" output_type:type="int64"
AsString | input:T | output:string | T:type precision:int=-1 scientific:bool=false shortest:bool=false width:int=-1 fill:string=""
Asin | x:T | y:T | T:type
Asinh | x:T | y:T | T:type
Assert! | condition:bool data:*T |  | T:list(type) summarize:int=3
Atan | x:T | y:T | T:type
Atan2 | y:T x:T | z:T | T:type
Atanh | x:T | y:T | T:type
AvgPool | value:T | output:T | ksize:list(int) strides:list(int) padding:string data_format:string="NHWC" T:type
AvgPool3D | input:T | output:T | ksize:list(int) strides:list(int) padding:string data_format:string="NDHWC" T:type
BandedTriangularSolve | matrix:T rhs:T | output:T | lower:bool=true adjoint:bool=false T:type
Batch | in_tensors:*T | batched_tensors:*T batch_index:int64 id:int64 | num_batch_threads:int max_batch_size:int max_enqueued_batches:int=10 batch_timeout_micros:int allowed_batch_sizes:list(int)=[] grad_timeout_micros:int container:string="" shared_name:string="" batching_queue:string="" T:list(type)
BatchCholesky | input:T | output:T | T:type
BatchIFFT | input:complex64 | output:complex64 |
BatchIFFT2D | input:complex64 | output:complex64 |
BatchIFFT3D | input:complex64 | output:complex64 |
BatchMatMul | x:T y:T | output:T | T:type adj_x:bool=false adj_y:bool=false grad_x:bool=false grad_y:bool=false
BatchMatMulV2 | x:T y:T | output:T | T:type adj_x:bool=false adj_y:bool=false grad_x:bool=false grad_y:bool=false
BatchMatMulV3 | x:Ta y:Tb | output:Tout | Ta:type Tb:type Tout:type adj_x:bool=false adj_y:bool=false grad_x:bool=false grad_y:bool=false
BatchNormWithGlobalNormalization | t:T m:T v:T beta:T gamma:T | result:T | T:type variance_epsilon:float scale_after_normalization:bool
BatchToSpace | input:T crops:Tidx | output:T | T:type block_size:int Tidx:type="int32"
BatchToSpaceND | input:T block_shape:Tblock_shape crops:Tcrops | output:T | T:type Tblock_shape:type="int32" Tcrops:type="int32"
Betainc | a:T b:T x:T | z:T | T:type
BiasAdd | value:T bias:T | output:T | T:type data_format:string="NHWC"
BiasAddV1 | value:T bias:T | output:T | T:type
Bincount | arr:int32 size:int32 weights:T | bins:T | T:type
Bitcast | input:T | output:type | T:type type:type
BitwiseAnd | x:T y:T | z:T | T:type
BitwiseOr | x:T y:T | z:T | T:type
BitwiseXor | x:T y:T | z:T | T:type
BroadcastArgs | s0:T s1:T | r0:T | T:type="int32"
BroadcastTo | input:T shape:Tidx | output:T | T:type Tidx:type="int32"
Bucketize | input:T | output:int32 | T:type boundaries:list(float)
Case! | branch_index:int32 input:*Tin | output:*Tout | Tin:list(type) Tout:list(type) branches:list(func) output_shapes:list(shape)=[]
Cast | x:SrcT | y:DstT | SrcT:type DstT:type Truncate:bool=false
Ceil | x:T | y:T | T:type
CheckNumerics! | tensor:T | output:T | T:type message:string
CheckNumericsV2! | tensor:T | output:T | T:type message:string
CheckPinned | tensor:T | output:T | T:type
Cholesky | input:T | output:T | T:type
ClipByValue | t:T clip_value_min:T clip_value_max:T | output:T | T:type
CombinedNonMaxSuppression | boxes:float scores:float max_output_size_per_class:int32 max_total_size:int32 iou_threshold:float score_threshold:float | nmsed_boxes:float nmsed_scores:float nmsed_classes:float valid_detections:int32 | pad_per_class:bool=false clip_boxes:bool=true
Complex | real:T imag:T | out:Tout | T:type="float" Tout:type="complex64"
ComplexAbs | x:T | y:Tout | T:type="complex64" Tout:type="float"
CompositeTensorVariantFromComponents | components:*Tcomponents | encoded:variant | metadata:string Tcomponents:list(type)
CompositeTensorVariantToComponents | encoded:variant | components:*Tcomponents | metadata:string Tcomponents:list(type)
Concat | concat_dim:int32 values:N*T | output:T | N:int T:type
ConcatOffset | concat_dim:int32 shape:N*shape_type | offset:N*shape_type | N:int shape_type:type="int32"
ConcatV2 | values:N*T axis:Tidx | output:T | N:int T:type Tidx:type="int32"
Conj | input:T | output:T | T:type="complex64"
ConjugateTranspose | x:T perm:Tperm | y:T | T:type Tperm:type="int32"
Const |  | output:dtype | value:tensor dtype:type
ControlTrigger |  |  |
Conv | input:T filter:T | output:T | T:type strides:list(int) padding:string explicit_paddings:list(int)=[] data_format:string="CHANNELS_LAST" dilations:list(int)=[] batch_dims:int=1 groups:int=1
Conv2D | input:T filter:T | output:T | T:type strides:list(int) use_cudnn_on_gpu:bool=true padding:string explicit_paddings:list(int)=[] data_format:string="NHWC" dilations:list(int)=[1,1,1,1]
Conv2DBackpropFilter | input:T filter_sizes:int32 out_backprop:T | output:T | T:type strides:list(int) use_cudnn_on_gpu:bool=true padding:string explicit_paddings:list(int)=[] data_format:string="NHWC" dilations:list(int)=[1,1,1,1]
Conv2DBackpropFilterV2 | input:T filter:T out_backprop:T | output:T | T:type strides:list(int) use_cudnn_on_gpu:bool=true padding:string explicit_paddings:list(int)=[] data_format:string="NHWC" dilations:list(int)=[1,1,1,1]
Conv2DBackpropInput | input_sizes:int32 filter:T out_backprop:T | output:T | T:type strides:list(int) use_cudnn_on_gpu:bool=true padding:string explicit_paddings:list(int)=[] data_format:string="NHWC" dilations:list(int)=[1,1,1,1]
Conv2DBackpropInputV2 | input:T filter:T out_backprop:T | output:T | T:type strides:list(int) use_cudnn_on_gpu:bool=true padding:string explicit_paddings:list(int)=[] data_format:string="NHWC" dilations:list(int)=[1,1,1,1]
Conv3D | input:T filter:T | output:T | T:type strides:list(int) padding:string data_format:string="NDHWC" dilations:list(int)=[1,1,1,1,1]
Conv3DBackpropFilter | input:T filter:T out_backprop:T | output:T | T:type strides:list(int) padding:string dilations:list(int)=[1,1,1,1,1]
Conv3DBackpropFilterV2 | input:T filter_sizes:int32 out_backprop:T | output:T | T:type strides:list(int) padding:string data_format:string="NDHWC" dilations:list(int)=[1,1,1,1,1]
Conv3DBackpropInput | input:T filter:T out_backprop:T | output:T | T:type strides:list(int) padding:string dilations:list(int)=[1,1,1,1,1]
Conv3DBackpropInputV2 | input_sizes:Tshape filter:T out_backprop:T | output:T | T:type strides:list(int) padding:string data_format:string="NDHWC" dilations:list(int)=[1,1,1,1,1] Tshape:type="int32"
Cos | x:T | y:T | T:type
Cosh | x:T | y:T | T:type
CountUpTo | ref:T | output:T | limit:int T:type
CropAndResize | image:T boxes:float box_ind:int32 crop_size:int32 | crops:float | T:type method:string="bilinear" extrapolation_value:float=0.0
Cross | a:T b:T | product:T | T:type
Cumprod | x:T axis:Tidx | out:T | exclusive:bool=false reverse:bool=false T:type Tidx:type="int32"
Cumsum | x:T axis:Tidx | out:T | exclusive:bool=false reverse:bool=false T:type Tidx:type="int32"
CumulativeLogsumexp | x:T axis:Tidx | out:T | exclusive:bool=false reverse:bool=false T:type Tidx:type="int32"
DataFormatVecPermute | x:T | y:T | T:type="int32" src_format:string="NHWC" dst_format:string="NCHW"
Dawsn | x:T | y:T | T:type
DecodeBase64 | input:string | output:string |
DecodePaddedRaw | input_bytes:string fixed_length:int32 | output:out_type | out_type:type little_endian:bool=true
DecodeRaw | bytes:string | output:out_type | out_type:type little_endian:bool=true
DenseBincount | input:Tidx size:Tidx weights:T | output:T | Tidx:type T:type binary_output:bool=false
DenseCountSparseOutput | values:T weights:output_type | output_indices:int64 output_values:output_type output_dense_shape:int64 | T:type minlength:int=-1 maxlength:int=-1 binary_output:bool output_type:type
DenseToDenseSetOperation | set1:T set2:T | result_indices:int64 result_values:T result_shape:int64 | set_operation:string validate_indices:bool=true T:type
DenseToSparseSetOperation | set1:T set2_indices:int64 set2_values:T set2_shape:int64 | result_indices:int64 result_values:T result_shape:int64 | set_operation:string validate_indices:bool=true T:type
DepthToSpace | input:T | output:T | T:type block_size:int data_format:string="NHWC"
DepthwiseConv2dNative | input:T filter:T | output:T | T:type strides:list(int) padding:string explicit_paddings:list(int)=[] data_format:string="NHWC" dilations:list(int)=[1,1,1,1]
DepthwiseConv2dNativeBackpropFilter | input:T filter_sizes:int32 out_backprop:T | output:T | T:type strides:list(int) padding:string explicit_paddings:list(int)=[] data_format:string="NHWC" dilations:list(int)=[1,1,1,1]
DepthwiseConv2dNativeBackpropInput | input_sizes:int32 filter:T out_backprop:T | output:T | T:type strides:list(int) padding:string explicit_paddings:list(int)=[] data_format:string="NHWC" dilations:list(int)=[1,1,1,1]
Dequantize | input:T min_range:float max_range:float | output:dtype | T:type mode:string="MIN_COMBINED" narrow_range:bool=false axis:int=-1 dtype:type="float"
Diag | diagonal:T | output:T | T:type
DiagPart | input:T | diagonal:T | T:type
Digamma | x:T | y:T | T:type
Dilation2D | input:T filter:T | output:T | T:type strides:list(int) rates:list(int) padding:string
Dilation2DBackpropFilter | input:T filter:T out_backprop:T | filter_backprop:T | T:type strides:list(int) rates:list(int) padding:string
Dilation2DBackpropInput | input:T filter:T out_backprop:T | in_backprop:T | T:type strides:list(int) rates:list(int) padding:string
Div | x:T y:T | z:T | T:type
DivNoNan | x:T y:T | z:T | T:type
DrawBoundingBoxes | images:T boxes:float | output:T | T:type="float"
DrawBoundingBoxesV2 | images:T boxes:float colors:float | output:T | T:type="float"
DynamicPartition | data:T partitions:int32 | outputs:num_partitions*T | num_partitions:int T:type
DynamicStitch | indices:N*int32 data:N*T | merged:T | N:int T:type
EditDistance | hypothesis_indices:int64 hypothesis_values:T hypothesis_shape:int64 truth_indices:int64 truth_values:T truth_shape:int64 | output:float | normalize:bool=true T:type
Eig | input:T | e:Tout v:Tout | compute_v:bool=true T:type Tout:type
Einsum | inputs:N*T | output:T | equation:string N:int T:type
Elu | features:T | activations:T | T:type
Empty! | shape:int32 | output:dtype | dtype:type init:bool=false
EmptyTensorList | element_shape:shape_type max_num_elements:int32 | handle:variant | element_dtype:type shape_type:type
EnsureShape | input:T | output:T | shape:shape T:type
Enter | data:T | output:T | T:type frame_name:string is_constant:bool=false parallel_iterations:int=10
Equal | x:T y:T | z:bool | T:type incompatible_shape_error:bool=true
Erf | x:T | y:T | T:type
Erfc | x:T | y:T | T:type
Erfinv | x:T | y:T | T:type
EuclideanNorm | input:T reduction_indices:Tidx | output:T | keep_dims:bool=false T:type Tidx:type="int32"
Exit | data:T | output:T | T:type
Exp | x:T | y:T | T:type
ExpandDims | input:T dim:Tdim | output:T | T:type Tdim:type="int32"
Expint | x:T | y:T | T:type
Expm1 | x:T | y:T | T:type
ExtractGlimpse | input:float size:int32 offsets:float | glimpse:float | centered:bool=true normalized:bool=true uniform_noise:bool=true noise:string="uniform"
ExtractGlimpseV2 | input:float size:int32 offsets:float | glimpse:float | centered:bool=true normalized:bool=true uniform_noise:bool=true noise:string="uniform"
ExtractImagePatches | images:T | patches:T | ksizes:list(int) strides:list(int) rates:list(int) T:type padding:string
ExtractJpegShape | contents:string | image_shape:output_type | output_type:type="int32"
ExtractVolumePatches | input:T | patches:T | ksizes:list(int) strides:list(int) T:type padding:string
FFT | input:Tcomplex | output:Tcomplex | Tcomplex:type="complex64"
FFT2D | input:Tcomplex | output:Tcomplex | Tcomplex:type="complex64"
FFT3D | input:Tcomplex | output:Tcomplex | Tcomplex:type="complex64"
FFTND | input:Tcomplex fft_length:int32 axes:int32 | output:Tcomplex | Tcomplex:type="complex64"
Fact |  | fact:string |
FileSystemSetConfiguration! | scheme:string key:string value:string |  |
Fill | dims:index_type value:T | output:T | T:type index_type:type="int32"
Fingerprint | data:T method:string | fingerprint:uint8 | T:type
Floor | x:T | y:T | T:type
FloorDiv | x:T y:T | z:T | T:type
FloorMod | x:T y:T | z:T | T:type
For | start:int32 limit:int32 delta:int32 input:*T | output:*T | T:list(type) body:func
FractionalAvgPool | value:T | output:T row_pooling_sequence:int64 col_pooling_sequence:int64 | pooling_ratio:list(float) pseudo_random:bool=false overlapping:bool=false deterministic:bool=false seed:int=0 seed2:int=0 T:type
FractionalMaxPool | value:T | output:T row_pooling_sequence:int64 col_pooling_sequence:int64 | pooling_ratio:list(float) pseudo_random:bool=false overlapping:bool=false deterministic:bool=false seed:int=0 seed2:int=0 T:type
FresnelCos | x:T | y:T | T:type
FresnelSin | x:T | y:T | T:type
FusedBatchNorm | x:T scale:T offset:T mean:T variance:T | y:T batch_mean:T batch_variance:T reserve_space_1:T reserve_space_2:T | T:type epsilon:float=9.999999747378752e-05 exponential_avg_factor:float=1.0 data_format:string="NHWC" is_training:bool=true
FusedBatchNormV2 | x:T scale:U offset:U mean:U variance:U | y:T batch_mean:U batch_variance:U reserve_space_1:U reserve_space_2:U | T:type U:type epsilon:float=9.999999747378752e-05 exponential_avg_factor:float=1.0 data_format:string="NHWC" is_training:bool=true
FusedBatchNormV3 | x:T scale:U offset:U mean:U variance:U | y:T batch_mean:U batch_variance:U reserve_space_1:U reserve_space_2:U reserve_space_3:U | T:type U:type epsilon:float=9.999999747378752e-05 exponential_avg_factor:float=1.0 data_format:string="NHWC" is_training:bool=true
FusedPadConv2D | input:T paddings:int32 filter:T | output:T | T:type mode:string strides:list(int) padding:string
FusedResizeAndPadConv2D | input:T size:int32 paddings:int32 filter:T | output:T | T:type resize_align_corners:bool=false mode:string strides:list(int) padding:string
Gather | params:Tparams indices:Tindices | output:Tparams | validate_indices:bool=true Tparams:type Tindices:type
GatherNd | params:Tparams indices:Tindices | output:Tparams | Tparams:type Tindices:type bad_indices_policy:string=""
GatherV2 | params:Tparams indices:Tindices axis:Taxis | output:Tparams | batch_dims:int=0 Tparams:type Tindices:type Taxis:type
GenerateBoundingBoxProposals | scores:float bbox_deltas:float image_info:float anchors:float nms_threshold:float pre_nms_topn:int32 min_size:float | rois:float roi_probabilities:float | post_nms_topn:int=300
GenerateVocabRemapping | new_vocab_file:string old_vocab_file:string | remapping:int64 num_present:int32 | new_vocab_offset:int num_new_vocab:int old_vocab_size:int=-1
GetElementAtIndex | dataset:variant index:int64 | components:*output_types | output_types:list(type) output_shapes:list(shape)
GetOptions | input_dataset:variant | serialized_options:string |
Greater | x:T y:T | z:bool | T:type
GreaterEqual | x:T y:T | z:bool | T:type
GuaranteeConst! | input:T | output:T | T:type
HSVToRGB | images:T | output:T | T:type="float"
HashTable! |  | table_handle:string | container:string="" shared_name:string="" use_node_name_sharing:bool=false key_dtype:type value_dtype:type
HashTableV2! |  | table_handle:resource | container:string="" shared_name:string="" use_node_name_sharing:bool=false key_dtype:type value_dtype:type
HistogramFixedWidth | values:T value_range:T nbins:int32 | out:dtype | T:type dtype:type="int32"
IFFT | input:Tcomplex | output:Tcomplex | Tcomplex:type="complex64"
IFFT2D | input:Tcomplex | output:Tcomplex | Tcomplex:type="complex64"
IFFT3D | input:Tcomplex | output:Tcomplex | Tcomplex:type="complex64"
IFFTND | input:Tcomplex fft_length:int32 axes:int32 | output:Tcomplex | Tcomplex:type="complex64"
IRFFT | input:Tcomplex fft_length:int32 | output:Treal | Treal:type="float" Tcomplex:type="complex64"
IRFFT2D | input:Tcomplex fft_length:int32 | output:Treal | Treal:type="float" Tcomplex:type="complex64"
IRFFT3D | input:Tcomplex fft_length:int32 | output:Treal | Treal:type="float" Tcomplex:type="complex64"
IRFFTND | input:Tcomplex fft_length:int32 axes:int32 | output:Treal | Treal:type="float" Tcomplex:type="complex64"
Identity | input:T | output:T | T:type
IdentityN | input:*T | output:*T | T:list(type)
If! | cond:Tcond input:*Tin | output:*Tout | Tcond:type Tin:list(type) Tout:list(type) then_branch:func else_branch:func output_shapes:list(shape)=[]
Igamma | a:T x:T | z:T | T:type
Igammac | a:T x:T | z:T | T:type
Imag | input:T | output:Tout | T:type="complex64" Tout:type="float"
ImageProjectiveTransformV2 | images:dtype transforms:float output_shape:int32 | transformed_images:dtype | dtype:type interpolation:string fill_mode:string="CONSTANT"
ImageProjectiveTransformV3 | images:dtype transforms:float output_shape:int32 fill_value:float | transformed_images:dtype | dtype:type interpolation:string fill_mode:string="CONSTANT"
ImmutableConst |  | tensor:dtype | dtype:type shape:shape memory_region_name:string
InTopK | predictions:float targets:T | precision:bool | k:int T:type="int32"
InTopKV2 | predictions:float targets:T k:T | precision:bool | T:type="int32"
InitializeTable | table_handle:string keys:Tkey values:Tval |  | Tkey:type Tval:type
InitializeTableV2! | table_handle:resource keys:Tkey values:Tval |  | Tkey:type Tval:type
InplaceAdd | x:T i:int32 v:T | y:T | T:type
InplaceSub | x:T i:int32 v:T | y:T | T:type
InplaceUpdate | x:T i:int32 v:T | y:T | T:type
Inv | x:T | y:T | T:type
Invert | x:T | y:T | T:type
InvertPermutation | x:T | y:T | T:type="int32"
IsFinite | x:T | y:bool | T:type
IsInf | x:T | y:bool | T:type
IsNan | x:T | y:bool | T:type
IsVariableInitialized | ref:dtype | is_initialized:bool | dtype:type
L2Loss | t:T | output:T | T:type
LRN | input:T | output:T | depth_radius:int=5 bias:float=1.0 alpha:float=1.0 beta:float=0.5 T:type="float"
LeakyRelu | features:T | activations:T | alpha:float=0.20000000298023224 T:type="float"
LeftShift | x:T y:T | z:T | T:type
Less | x:T y:T | z:bool | T:type
LessEqual | x:T y:T | z:bool | T:type
Lgamma | x:T | y:T | T:type
LinSpace | start:T stop:T num:Tidx | output:T | T:type Tidx:type="int32"
ListDiff | x:T y:T | out:T idx:out_idx | T:type out_idx:type="int32"
Log | x:T | y:T | T:type
Log1p | x:T | y:T | T:type
LogMatrixDeterminant | input:T | sign:T log_abs_determinant:T | T:type
LogSoftmax | logits:T | logsoftmax:T | T:type
LogicalAnd | x:bool y:bool | z:bool |
LogicalNot | x:bool | y:bool |
LogicalOr | x:bool y:bool | z:bool |
LookupTableExport | table_handle:string | keys:Tkeys values:Tvalues | Tkeys:type Tvalues:type
LookupTableExportV2! | table_handle:resource | keys:Tkeys values:Tvalues | Tkeys:type Tvalues:type
LookupTableFind | table_handle:string keys:Tin default_value:Tout | values:Tout | Tin:type Tout:type
LookupTableFindV2! | table_handle:resource keys:Tin default_value:Tout | values:Tout | Tin:type Tout:type
LookupTableInsert | table_handle:string keys:Tin values:Tout |  | Tin:type Tout:type
LookupTableInsertV2! | table_handle:resource keys:Tin values:Tout |  | Tin:type Tout:type
LookupTableRemoveV2! | table_handle:resource keys:Tin |  | Tin:type
LookupTableSize | table_handle:string | size:int64 |
LookupTableSizeV2! | table_handle:resource | size:int64 |
LoopCond | input:bool | output:bool |
LowerBound | sorted_inputs:T values:T | output:out_type | T:type out_type:type="int32"
Lu | input:T | lu:T p:output_idx_type | T:type output_idx_type:type="int32"
MapDefun | arguments:*Targuments captured_inputs:*Tcaptured | output:*output_types | Targuments:list(type) Tcaptured:list(type)=[] output_types:list(type) output_shapes:list(shape) f:func max_intra_op_parallelism:int=1
MatMul | a:T b:T | product:T | transpose_a:bool=false transpose_b:bool=false T:type grad_a:bool=false grad_b:bool=false
MatchingFiles | pattern:string | filenames:string |
MatrixBandPart | input:T num_lower:Tindex num_upper:Tindex | band:T | T:type Tindex:type="int64"
MatrixDeterminant | input:T | output:T | T:type
MatrixDiag | diagonal:T | output:T | T:type
MatrixDiagPart | input:T | diagonal:T | T:type
MatrixDiagPartV2 | input:T k:int32 padding_value:T | diagonal:T | T:type
MatrixDiagPartV3 | input:T k:int32 padding_value:T | diagonal:T | T:type align:string="RIGHT_LEFT"
MatrixDiagV2 | diagonal:T k:int32 num_rows:int32 num_cols:int32 padding_value:T | output:T | T:type
MatrixDiagV3 | diagonal:T k:int32 num_rows:int32 num_cols:int32 padding_value:T | output:T | T:type align:string="RIGHT_LEFT"
MatrixExponential | input:T | output:T | T:type
MatrixInverse | input:T | output:T | adjoint:bool=false T:type
MatrixLogarithm | input:T | output:T | T:type
MatrixSetDiag | input:T diagonal:T | output:T | T:type
MatrixSetDiagV2 | input:T diagonal:T k:int32 | output:T | T:type
MatrixSetDiagV3 | input:T diagonal:T k:int32 | output:T | T:type align:string="RIGHT_LEFT"
MatrixSolve | matrix:T rhs:T | output:T | adjoint:bool=false T:type
MatrixSolveLs | matrix:T rhs:T l2_regularizer:double | output:T | T:type fast:bool=true
MatrixSquareRoot | input:T | output:T | T:type
MatrixTriangularSolve | matrix:T rhs:T | output:T | lower:bool=true adjoint:bool=false T:type
Max | input:T reduction_indices:Tidx | output:T | keep_dims:bool=false T:type Tidx:type="int32"
MaxPool | input:T | output:T | T:type="float" ksize:list(int) strides:list(int) padding:string explicit_paddings:list(int)=[] data_format:string="NHWC"
MaxPool3D | input:T | output:T | ksize:list(int) strides:list(int) padding:string data_format:string="NDHWC" T:type
MaxPoolV2 | input:T ksize:int32 strides:int32 | output:T | T:type="float" padding:string data_format:string="NHWC"
MaxPoolWithArgmax | input:T | output:T argmax:Targmax | ksize:list(int) strides:list(int) Targmax:type="int64" padding:string include_batch_in_index:bool=false T:type
Maximum | x:T y:T | z:T | T:type
Mean | input:T reduction_indices:Tidx | output:T | keep_dims:bool=false T:type Tidx:type="int32"
Merge | inputs:N*T | output:T value_index:int32 | T:type N:int
Mfcc | spectrogram:float sample_rate:int32 | output:float | upper_frequency_limit:float=4000.0 lower_frequency_limit:float=20.0 filterbank_channel_count:int=40 dct_coefficient_count:int=13
Min | input:T reduction_indices:Tidx | output:T | keep_dims:bool=false T:type Tidx:type="int32"
Minimum | x:T y:T | z:T | T:type
MirrorPad | input:T paddings:Tpaddings | output:T | T:type Tpaddings:type="int32" mode:string
Mod | x:T y:T | z:T | T:type
Mul | x:T y:T | z:T | T:type
MulNoNan | x:T y:T | z:T | T:type
Ndtri | x:T | y:T | T:type
NearestNeighbors | points:float centers:float k:int64 | nearest_center_indices:int64 nearest_center_distances:float |
Neg | x:T | y:T | T:type
NextAfter | x1:T x2:T | output:T | T:type="float"
NextIteration | data:T | output:T | T:type
NoOp |  |  |
NonDeterministicInts! | shape:shape_dtype | output:dtype | dtype:type="int64" shape_dtype:type="int64"
NonMaxSuppression | boxes:float scores:float max_output_size:int32 | selected_indices:int32 | iou_threshold:float=0.5
NonMaxSuppressionV2 | boxes:T scores:T max_output_size:int32 iou_threshold:T_threshold | selected_indices:int32 | T:type="float" T_threshold:type="float"
NonMaxSuppressionV3 | boxes:T scores:T max_output_size:int32 iou_threshold:T_threshold score_threshold:T_threshold | selected_indices:int32 | T:type="float" T_threshold:type="float"
NonMaxSuppressionV4 | boxes:T scores:T max_output_size:int32 iou_threshold:T_threshold score_threshold:T_threshold | selected_indices:int32 valid_outputs:int32 | T:type="float" T_threshold:type="float" pad_to_max_output_size:bool=false
NonMaxSuppressionV5 | boxes:T scores:T max_output_size:int32 iou_threshold:T score_threshold:T soft_nms_sigma:T | selected_indices:int32 selected_scores:T valid_outputs:int32 | T:type="float" pad_to_max_output_size:bool=false
NonMaxSuppressionWithOverlaps | overlaps:float scores:float max_output_size:int32 overlap_threshold:float score_threshold:float | selected_indices:int32 |
NotEqual | x:T y:T | z:bool | T:type incompatible_shape_error:bool=true
NthElement | input:T n:int32 | values:T | reverse:bool=false T:type
OneHot | indices:TI depth:int32 on_value:T off_value:T | output:T | axis:int=-1 T:type TI:type="int64"
OnesLike | x:T | y:T | T:type
Pack | values:N*T | output:T | N:int T:type axis:int=0
Pad | input:T paddings:Tpaddings | output:T | T:type Tpaddings:type="int32"
PadV2 | input:T paddings:Tpaddings constant_values:T | output:T | T:type Tpaddings:type="int32"
ParallelConcat | values:N*T | output:T | N:int T:type shape:shape
ParallelDynamicStitch | indices:N*int32 data:N*T | merged:T | N:int T:type
ParameterizedTruncatedNormal! | shape:T means:dtype stdevs:dtype minvals:dtype maxvals:dtype | output:dtype | seed:int=0 seed2:int=0 dtype:type T:type
ParseExample | serialized:string names:string sparse_keys:Nsparse*string dense_keys:Ndense*string dense_defaults:*Tdense | sparse_indices:Nsparse*int64 sparse_values:*sparse_types sparse_shapes:Nsparse*int64 dense_values:*Tdense | Nsparse:int Ndense:int sparse_types:list(type) Tdense:list(type) dense_shapes:list(shape)
ParseExampleV2 | serialized:string names:string sparse_keys:string dense_keys:string ragged_keys:string dense_defaults:*Tdense | sparse_indices:num_sparse*int64 sparse_values:*sparse_types sparse_shapes:num_sparse*int64 dense_values:*Tdense ragged_values:*ragged_value_types ragged_row_splits:*ragged_split_types | Tdense:list(type) num_sparse:int sparse_types:list(type) ragged_value_types:list(type) ragged_split_types:list(type) dense_shapes:list(shape)
ParseSequenceExample | serialized:string debug_name:string context_dense_defaults:*Tcontext_dense | context_sparse_indices:Ncontext_sparse*int64 context_sparse_values:*context_sparse_types context_sparse_shapes:Ncontext_sparse*int64 context_dense_values:*Tcontext_dense feature_list_sparse_indices:Nfeature_list_sparse*int64 feature_list_sparse_values:*feature_list_sparse_types feature_list_sparse_shapes:Nfeature_list_sparse*int64 feature_list_dense_values:*feature_list_dense_types feature_list_dense_lengths:Nfeature_list_dense*int64 | feature_list_dense_missing_assumed_empty:list(string) context_sparse_keys:list(string) context_dense_keys:list(string) feature_list_sparse_keys:list(string) feature_list_dense_keys:list(string) Ncontext_sparse:int=0 Ncontext_dense:int=0 Nfeature_list_sparse:int=0 Nfeature_list_dense:int=0 context_sparse_types:list(type)=[] Tcontext_dense:list(type)=[] feature_list_dense_types:list(type)=[] context_dense_shapes:list(shape)=[] feature_list_sparse_types:list(type)=[] feature_list_dense_shapes:list(shape)=[]
ParseSequenceExampleV2 | serialized:string debug_name:string context_sparse_keys:string context_dense_keys:string context_ragged_keys:string feature_list_sparse_keys:string feature_list_dense_keys:string feature_list_ragged_keys:string feature_list_dense_missing_assumed_empty:bool context_dense_defaults:*Tcontext_dense | context_sparse_indices:Ncontext_sparse*int64 context_sparse_values:*context_sparse_types context_sparse_shapes:Ncontext_sparse*int64 context_dense_values:*Tcontext_dense context_ragged_values:*context_ragged_value_types context_ragged_row_splits:*context_ragged_split_types feature_list_sparse_indices:Nfeature_list_sparse*int64 feature_list_sparse_values:*feature_list_sparse_types feature_list_sparse_shapes:Nfeature_list_sparse*int64 feature_list_dense_values:*feature_list_dense_types feature_list_dense_lengths:Nfeature_list_dense*int64 feature_list_ragged_values:*feature_list_ragged_value_types feature_list_ragged_outer_splits:*feature_list_ragged_split_types feature_list_ragged_inner_splits:*feature_list_ragged_split_types | Ncontext_sparse:int=0 Tcontext_dense:list(type)=[] context_sparse_types:list(type)=[] context_ragged_value_types:list(type)=[] context_ragged_split_types:list(type)=[] context_dense_shapes:list(shape)=[] Nfeature_list_sparse:int=0 Nfeature_list_dense:int=0 feature_list_dense_types:list(type)=[] feature_list_sparse_types:list(type)=[] feature_list_ragged_value_types:list(type)=[] feature_list_ragged_split_types:list(type)=[] feature_list_dense_shapes:list(shape)=[]
ParseSingleExample | serialized:string dense_defaults:*Tdense | sparse_indices:num_sparse*int64 sparse_values:*sparse_types sparse_shapes:num_sparse*int64 dense_values:*Tdense | num_sparse:int sparse_keys:list(string) dense_keys:list(string) sparse_types:list(type) Tdense:list(type) dense_shapes:list(shape)
ParseSingleSequenceExample | serialized:string feature_list_dense_missing_assumed_empty:string context_sparse_keys:Ncontext_sparse*string context_dense_keys:Ncontext_dense*string feature_list_sparse_keys:Nfeature_list_sparse*string feature_list_dense_keys:Nfeature_list_dense*string context_dense_defaults:*Tcontext_dense debug_name:string | context_sparse_indices:Ncontext_sparse*int64 context_sparse_values:*context_sparse_types context_sparse_shapes:Ncontext_sparse*int64 context_dense_values:*Tcontext_dense feature_list_sparse_indices:Nfeature_list_sparse*int64 feature_list_sparse_values:*feature_list_sparse_types feature_list_sparse_shapes:Nfeature_list_sparse*int64 feature_list_dense_values:*feature_list_dense_types | Ncontext_sparse:int=0 Ncontext_dense:int=0 Nfeature_list_sparse:int=0 Nfeature_list_dense:int=0 context_sparse_types:list(type)=[] Tcontext_dense:list(type)=[] feature_list_dense_types:list(type)=[] context_dense_shapes:list(shape)=[] feature_list_sparse_types:list(type)=[] feature_list_dense_shapes:list(shape)=[]
ParseTensor | serialized:string | output:out_type | out_type:type
PartitionedCall | args:*Tin | output:*Tout | Tin:list(type) Tout:list(type) f:func config:string="" config_proto:string="" executor_type:string=""
Placeholder |  | output:dtype | dtype:type shape:shape=null
PlaceholderV2 |  | output:dtype | dtype:type shape:shape
PlaceholderWithDefault | input:dtype | output:dtype | dtype:type shape:shape
Polygamma | a:T x:T | z:T | T:type
PopulationCount | x:T | y:uint8 | T:type
Pow | x:T y:T | z:T | T:type
PrelinearizeTuple | inputs:*dtypes | output:variant | dtypes:list(type) shapes:list(shape) layouts:list(int)=[]
Print! | input:T data:*U | output:T | T:type U:list(type) message:string="" first_n:int=-1 summarize:int=3
Prod | input:T reduction_indices:Tidx | output:T | keep_dims:bool=false T:type Tidx:type="int32"
Qr | input:T | q:T r:T | full_matrices:bool=false T:type
RFFT | input:Treal fft_length:int32 | output:Tcomplex | Treal:type="float" Tcomplex:type="complex64"
RFFT2D | input:Treal fft_length:int32 | output:Tcomplex | Treal:type="float" Tcomplex:type="complex64"
RFFT3D | input:Treal fft_length:int32 | output:Tcomplex | Treal:type="float" Tcomplex:type="complex64"
RFFTND | input:Treal fft_length:int32 axes:int32 | output:Tcomplex | Treal:type="float" Tcomplex:type="complex64"
RGBToHSV | images:T | output:T | T:type="float"
RaggedBincount | splits:int64 values:Tidx size:Tidx weights:T | output:T | Tidx:type T:type binary_output:bool=false
RaggedCountSparseOutput | splits:int64 values:T weights:output_type | output_indices:int64 output_values:output_type output_dense_shape:int64 | T:type minlength:int=-1 maxlength:int=-1 binary_output:bool output_type:type
RaggedFillEmptyRows | value_rowids:int64 values:T nrows:int64 default_value:T | output_value_rowids:int64 output_values:T empty_row_indicator:bool reverse_index_map:int64 | T:type
RaggedGather | params_nested_splits:PARAMS_RAGGED_RANK*Tsplits params_dense_values:Tvalues indices:Tindices | output_nested_splits:OUTPUT_RAGGED_RANK*Tsplits output_dense_values:Tvalues | Tvalues:type Tindices:type Tsplits:type="int64" PARAMS_RAGGED_RANK:int OUTPUT_RAGGED_RANK:int
RaggedRange | starts:T limits:T deltas:T | rt_nested_splits:Tsplits rt_dense_values:T | T:type="int32" Tsplits:type="int64"
RaggedTensorFromVariant | encoded_ragged:variant | output_nested_splits:output_ragged_rank*Tsplits output_dense_values:Tvalues | input_ragged_rank:int output_ragged_rank:int Tvalues:type Tsplits:type="int64"
RaggedTensorToSparse | rt_nested_splits:RAGGED_RANK*Tsplits rt_dense_values:T | sparse_indices:int64 sparse_values:T sparse_dense_shape:int64 | RAGGED_RANK:int T:type Tsplits:type="int64"
RaggedTensorToTensor | shape:Tshape values:T default_value:T row_partition_tensors:num_row_partition_tensors*Tindex | result:T | T:type Tindex:type Tshape:type num_row_partition_tensors:int row_partition_types:list(string)
RaggedTensorToVariant | rt_nested_splits:RAGGED_RANK*Tsplits rt_dense_values:Tvalues | encoded_ragged:variant | RAGGED_RANK:int Tvalues:type Tsplits:type="int64" batched_input:bool
Range | start:Tidx limit:Tidx delta:Tidx | output:Tidx | Tidx:type="int32"
Rank | input:T | output:int32 | T:type
ReadFile | filename:string | contents:string |
ReadVariableOp! | resource:resource | value:dtype | dtype:type
Real | input:T | output:Tout | T:type="complex64" Tout:type="float"
RealDiv | x:T y:T | z:T | T:type
Reciprocal | x:T | y:T | T:type
ReduceJoin | inputs:string reduction_indices:int32 | output:string | keep_dims:bool=false separator:string=""
RefEnter | data:T | output:T | T:type frame_name:string is_constant:bool=false parallel_iterations:int=10
RefExit | data:T | output:T | T:type
RefIdentity | input:T | output:T | T:type
RefMerge | inputs:N*T | output:T value_index:int32 | T:type N:int
RefNextIteration | data:T | output:T | T:type
RefSelect | index:int32 inputs:N*T | output:T | T:type N:int
RefSwitch | data:T pred:bool | output_false:T output_true:T | T:type
RegexFullMatch | input:string pattern:string | output:bool |
RegexReplace | input:string pattern:string rewrite:string | output:string | replace_global:bool=true
Relu | features:T | activations:T | T:type
Relu6 | features:T | activations:T | T:type
Reshape | tensor:T shape:Tshape | output:T | T:type Tshape:type="int32"
ResizeArea | images:T size:int32 | resized_images:float | T:type align_corners:bool=false
ResizeBicubic | images:T size:int32 | resized_images:float | T:type align_corners:bool=false half_pixel_centers:bool=false
ResizeBilinear | images:T size:int32 | resized_images:float | T:type align_corners:bool=false half_pixel_centers:bool=false
ResizeNearestNeighbor | images:T size:int32 | resized_images:T | T:type align_corners:bool=false half_pixel_centers:bool=false
ResourceGather! | resource:resource indices:Tindices | output:dtype | batch_dims:int=0 validate_indices:bool=true dtype:type Tindices:type
ResourceGatherNd! | resource:resource indices:Tindices | output:dtype | dtype:type Tindices:type
Reverse | tensor:T dims:bool | output:T | T:type
ReverseSequence | input:T seq_lengths:Tlen | output:T | seq_dim:int batch_dim:int=0 T:type Tlen:type="int64"
ReverseV2 | tensor:T axis:Tidx | output:T | Tidx:type="int32" T:type
RightShift | x:T y:T | z:T | T:type
Rint | x:T | y:T | T:type
Roll | input:T shift:Tshift axis:Taxis | output:T | T:type Tshift:type Taxis:type
Round | x:T | y:T | T:type
Rsqrt | x:T | y:T | T:type
ScaleAndTranslate | images:T size:int32 scale:float translation:float | resized_images:float | T:type kernel_type:string="lanczos3" antialias:bool=true
ScatterNd | indices:Tindices updates:T shape:Tindices | output:T | T:type Tindices:type bad_indices_policy:string=""
SegmentMax | data:T segment_ids:Tindices | output:T | T:type Tindices:type
SegmentMaxV2 | data:T segment_ids:Tindices num_segments:Tnumsegments | output:T | T:type Tindices:type Tnumsegments:type="int32"
SegmentMean | data:T segment_ids:Tindices | output:T | T:type Tindices:type
SegmentMin | data:T segment_ids:Tindices | output:T | T:type Tindices:type
SegmentMinV2 | data:T segment_ids:Tindices num_segments:Tnumsegments | output:T | T:type Tindices:type Tnumsegments:type="int32"
SegmentProd | data:T segment_ids:Tindices | output:T | T:type Tindices:type
SegmentProdV2 | data:T segment_ids:Tindices num_segments:Tnumsegments | output:T | T:type Tindices:type Tnumsegments:type="int32"
SegmentSum | data:T segment_ids:Tindices | output:T | T:type Tindices:type
SegmentSumV2 | data:T segment_ids:Tindices num_segments:Tnumsegments | output:T | T:type Tindices:type Tnumsegments:type="int32"
Select | condition:bool t:T e:T | output:T | T:type
SelectV2 | condition:bool t:T e:T | output:T | T:type
SelfAdjointEig | input:T | output:T | T:type
SelfAdjointEigV2 | input:T | e:T v:T | compute_v:bool=true T:type
Selu | features:T | activations:T | T:type
SetSize | set_indices:int64 set_values:T set_shape:int64 | size:int32 | validate_indices:bool=true T:type
Shape | input:T | output:out_type | T:type out_type:type="int32"
ShapeN | input:N*T | output:N*out_type | N:int T:type out_type:type="int32"
Sigmoid | x:T | y:T | T:type
Sign | x:T | y:T | T:type
Sin | x:T | y:T | T:type
Sinh | x:T | y:T | T:type
Size | input:T | output:out_type | T:type out_type:type="int32"
Slice | input:T begin:Index size:Index | output:T | T:type Index:type
Snapshot | input:T | output:T | T:type
Softmax | logits:T | softmax:T | T:type
SoftmaxCrossEntropyWithLogits | features:T labels:T | loss:T backprop:T | T:type
Softplus | features:T | activations:T | T:type
Softsign | features:T | activations:T | T:type
SpaceToBatch | input:T paddings:Tpaddings | output:T | T:type Tpaddings:type="int32" block_size:int
SpaceToBatchND | input:T block_shape:Tblock_shape paddings:Tpaddings | output:T | T:type Tblock_shape:type="int32" Tpaddings:type="int32"
SpaceToDepth | input:T | output:T | T:type block_size:int data_format:string="NHWC"
SparseAdd | a_indices:int64 a_values:T a_shape:int64 b_indices:int64 b_values:T b_shape:int64 thresh:Treal | sum_indices:int64 sum_values:T sum_shape:int64 | T:type Treal:type
SparseBincount | indices:int64 values:Tidx dense_shape:int64 size:Tidx weights:T | output:T | Tidx:type T:type binary_output:bool=false
SparseConcat | indices:N*int64 values:N*T shapes:N*int64 | output_indices:int64 output_values:T output_shape:int64 | concat_dim:int N:int T:type
SparseCountSparseOutput | indices:int64 values:T dense_shape:int64 weights:output_type | output_indices:int64 output_values:output_type output_dense_shape:int64 | T:type minlength:int=-1 maxlength:int=-1 binary_output:bool output_type:type
SparseCross | indices:N*int64 values:*sparse_types shapes:N*int64 dense_inputs:*dense_types | output_indices:int64 output_values:out_type output_shape:int64 | N:int hashed_output:bool num_buckets:int hash_key:int sparse_types:list(type) dense_types:list(type) out_type:type internal_type:type
SparseCrossHashed | indices:N*int64 values:*sparse_types shapes:N*int64 dense_inputs:*dense_types num_buckets:int64 strong_hash:bool salt:int64 | output_indices:int64 output_values:int64 output_shape:int64 | N:int sparse_types:list(type) dense_types:list(type)
SparseCrossV2 | indices:N*int64 values:*sparse_types shapes:N*int64 dense_inputs:*dense_types sep:string | output_indices:int64 output_values:string output_shape:int64 | N:int sparse_types:list(type) dense_types:list(type)
SparseDenseCwiseAdd | sp_indices:int64 sp_values:T sp_shape:int64 dense:T | output:T | T:type
SparseDenseCwiseDiv | sp_indices:int64 sp_values:T sp_shape:int64 dense:T | output:T | T:type
SparseDenseCwiseMul | sp_indices:int64 sp_values:T sp_shape:int64 dense:T | output:T | T:type
SparseFillEmptyRows | indices:int64 values:T dense_shape:int64 default_value:T | output_indices:int64 output_values:T empty_row_indicator:bool reverse_index_map:int64 | T:type
SparseMatMul | a:Ta b:Tb | product:float | transpose_a:bool=false transpose_b:bool=false a_is_sparse:bool=false b_is_sparse:bool=false Ta:type="float" Tb:type="float"
SparseReduceMax | input_indices:int64 input_values:T input_shape:int64 reduction_axes:int32 | output:T | keep_dims:bool=false T:type
SparseReduceMaxSparse | input_indices:int64 input_values:T input_shape:int64 reduction_axes:int32 | output_indices:int64 output_values:T output_shape:int64 | keep_dims:bool=false T:type
SparseReduceSum | input_indices:int64 input_values:T input_shape:int64 reduction_axes:int32 | output:T | keep_dims:bool=false T:type
SparseReduceSumSparse | input_indices:int64 input_values:T input_shape:int64 reduction_axes:int32 | output_indices:int64 output_values:T output_shape:int64 | keep_dims:bool=false T:type
SparseReorder | input_indices:int64 input_values:T input_shape:int64 | output_indices:int64 output_values:T | T:type
SparseReshape | input_indices:int64 input_shape:int64 new_shape:int64 | output_indices:int64 output_shape:int64 |
SparseSegmentMean | data:T indices:Tidx segment_ids:Tsegmentids | output:T | T:type Tidx:type="int32" Tsegmentids:type="int32" sparse_gradient:bool=false
SparseSegmentMeanWithNumSegments | data:T indices:Tidx segment_ids:Tsegmentids num_segments:Tnumsegments | output:T | T:type Tidx:type="int32" Tnumsegments:type="int32" Tsegmentids:type="int32" sparse_gradient:bool=false
SparseSegmentSqrtN | data:T indices:Tidx segment_ids:Tsegmentids | output:T | T:type Tidx:type="int32" Tsegmentids:type="int32" sparse_gradient:bool=false
SparseSegmentSqrtNWithNumSegments | data:T indices:Tidx segment_ids:Tsegmentids num_segments:Tnumsegments | output:T | T:type Tidx:type="int32" Tnumsegments:type="int32" Tsegmentids:type="int32" sparse_gradient:bool=false
SparseSegmentSum | data:T indices:Tidx segment_ids:Tsegmentids | output:T | T:type Tidx:type="int32" Tsegmentids:type="int32" sparse_gradient:bool=false
SparseSegmentSumWithNumSegments | data:T indices:Tidx segment_ids:Tsegmentids num_segments:Tnumsegments | output:T | T:type Tidx:type="int32" Tnumsegments:type="int32" Tsegmentids:type="int32" sparse_gradient:bool=false
SparseSlice | indices:int64 values:T shape:int64 start:int64 size:int64 | output_indices:int64 output_values:T output_shape:int64 | T:type
SparseSoftmax | sp_indices:int64 sp_values:T sp_shape:int64 | output:T | T:type
SparseSoftmaxCrossEntropyWithLogits | features:T labels:Tlabels | loss:T backprop:T | T:type Tlabels:type="int64"
SparseSparseMaximum | a_indices:int64 a_values:T a_shape:int64 b_indices:int64 b_values:T b_shape:int64 | output_indices:int64 output_values:T | T:type
SparseSparseMinimum | a_indices:int64 a_values:T a_shape:int64 b_indices:int64 b_values:T b_shape:int64 | output_indices:int64 output_values:T | T:type
SparseSplit | split_dim:int64 indices:int64 values:T shape:int64 | output_indices:num_split*int64 output_values:num_split*T output_shape:num_split*int64 | num_split:int T:type
SparseTensorDenseAdd | a_indices:Tindices a_values:T a_shape:Tindices b:T | output:T | T:type Tindices:type
SparseTensorDenseMatMul | a_indices:Tindices a_values:T a_shape:int64 b:T | product:T | T:type Tindices:type="int64" adjoint_a:bool=false adjoint_b:bool=false
SparseToDense | sparse_indices:Tindices output_shape:Tindices sparse_values:T default_value:T | dense:T | validate_indices:bool=true T:type Tindices:type
SparseToSparseSetOperation | set1_indices:int64 set1_values:T set1_shape:int64 set2_indices:int64 set2_values:T set2_shape:int64 | result_indices:int64 result_values:T result_shape:int64 | set_operation:string validate_indices:bool=true T:type
Spence | x:T | y:T | T:type
Split | split_dim:int32 value:T | output:num_split*T | num_split:int T:type
SplitV | value:T size_splits:Tlen split_dim:int32 | output:num_split*T | num_split:int T:type Tlen:type="int64"
Sqrt | x:T | y:T | T:type
Square | x:T | y:T | T:type
SquaredDifference | x:T y:T | z:T | T:type
Squeeze | input:T | output:T | T:type squeeze_dims:list(int)=[]
StatefulPartitionedCall! | args:*Tin | output:*Tout | Tin:list(type) Tout:list(type) f:func config:string="" config_proto:string="" executor_type:string=""
StatefulStandardNormal! | resource:resource shape:shape_dtype | output:dtype | dtype:type="float" shape_dtype:type="int64"
StatefulStandardNormalV2! | resource:resource algorithm:int64 shape:shape_dtype | output:dtype | dtype:type="float" shape_dtype:type="int64"
StatefulTruncatedNormal! | resource:resource algorithm:int64 shape:shape_dtype | output:dtype | dtype:type="float" shape_dtype:type="int64"
StatelessCase | branch_index:int32 input:*Tin | output:*Tout | Tin:list(type) Tout:list(type) branches:list(func) output_shapes:list(shape)=[]
StatelessIf | cond:Tcond input:*Tin | output:*Tout | Tcond:type Tin:list(type) Tout:list(type) then_branch:func else_branch:func output_shapes:list(shape)=[]
StatelessParameterizedTruncatedNormal | shape:S seed:Tseed means:dtype stddevs:dtype minvals:dtype maxvals:dtype | output:dtype | S:type Tseed:type="int64" dtype:type
StatelessShuffle | value:T key:uint64 counter:uint64 alg:int32 | output:T | T:type
StatelessTruncatedNormal | shape:T seed:Tseed | output:dtype | dtype:type="float" T:type="int32" Tseed:type="int64"
StatelessTruncatedNormalV2 | shape:Tshape key:uint64 counter:uint64 alg:int32 | output:dtype | dtype:type="float" Tshape:type="int32"
StatelessWhile | input:*T | output:*T | T:list(type) cond:func body:func output_shapes:list(shape)=[] parallel_iterations:int=10
StaticRegexFullMatch | input:string | output:bool | pattern:string
StaticRegexReplace | input:string | output:string | pattern:string rewrite:string replace_global:bool=true
StridedSlice | input:T begin:Index end:Index strides:Index | output:T | T:type Index:type begin_mask:int=0 end_mask:int=0 ellipsis_mask:int=0 new_axis_mask:int=0 shrink_axis_mask:int=0
StringFormat | inputs:*T | output:string | T:list(type) template:string="%s" placeholder:string="%s" summarize:int=3
StringJoin | inputs:N*string | output:string | N:int separator:string=""
StringLength | input:string | output:int32 | unit:string="BYTE"
StringLower | input:string | output:string | encoding:string=""
StringNGrams | data:string data_splits:Tsplits | ngrams:string ngrams_splits:Tsplits | separator:string ngram_widths:list(int) left_pad:string right_pad:string pad_width:int preserve_short_sequences:bool Tsplits:type="int64"
StringSplit | input:string delimiter:string | indices:int64 values:string shape:int64 | skip_empty:bool=true
StringSplitV2 | input:string sep:string | indices:int64 values:string shape:int64 | maxsplit:int=-1
StringStrip | input:string | output:string |
StringToHashBucket | string_tensor:string | output:int64 | num_buckets:int
StringToHashBucketFast | input:string | output:int64 | num_buckets:int
StringToHashBucketStrong | input:string | output:int64 | num_buckets:int key:list(int)
StringToNumber | string_tensor:string | output:out_type | out_type:type="float"
StringUpper | input:string | output:string | encoding:string=""
Sub | x:T y:T | z:T | T:type
Substr | input:string pos:T len:T | output:string | T:type unit:string="BYTE"
Sum | input:T reduction_indices:Tidx | output:T | keep_dims:bool=false T:type Tidx:type="int32"
Svd | input:T | s:T u:T v:T | compute_uv:bool=true full_matrices:bool=false T:type
Switch | data:T pred:bool | output_false:T output_true:T | T:type
Tan | x:T | y:T | T:type
Tanh | x:T | y:T | T:type
TensorArrayCloseV3! | handle:resource |  |
TensorArrayConcatV3! | handle:resource flow_in:float | value:dtype lengths:int64 | dtype:type element_shape_except0:shape=null
TensorArrayGatherV3! | handle:resource indices:int32 flow_in:float | value:dtype | dtype:type element_shape:shape=null
TensorArrayReadV3! | handle:resource index:int32 flow_in:float | value:dtype | dtype:type
TensorArrayScatterV3! | handle:resource indices:int32 value:T flow_in:float | flow_out:float | T:type
TensorArraySizeV3! | handle:resource flow_in:float | size:int32 |
TensorArraySplitV3! | handle:resource value:T lengths:int64 flow_in:float | flow_out:float | T:type
TensorArrayV3! | size:int32 | handle:resource flow:float | dtype:type element_shape:shape=null dynamic_size:bool=false clear_after_read:bool=true identical_element_shapes:bool=false tensor_array_name:string=""
TensorArrayWriteV3! | handle:resource index:int32 value:T flow_in:float | flow_out:float | T:type
TensorListConcat | input_handle:variant | tensor:element_dtype lengths:int64 | element_dtype:type element_shape:shape=null
TensorListConcatLists | input_a:variant input_b:variant | output:variant | element_dtype:type
TensorListConcatV2 | input_handle:variant element_shape:shape_type leading_dims:int64 | tensor:element_dtype lengths:int64 | element_dtype:type shape_type:type
TensorListElementShape | input_handle:variant | element_shape:shape_type | shape_type:type
TensorListFromTensor | tensor:element_dtype element_shape:shape_type | output_handle:variant | element_dtype:type shape_type:type
TensorListGather | input_handle:variant indices:int32 element_shape:int32 | values:element_dtype | element_dtype:type
TensorListGetItem | input_handle:variant index:int32 element_shape:Tshape | item:element_dtype | element_dtype:type Tshape:type="int32"
TensorListLength | input_handle:variant | length:int32 |
TensorListPopBack | input_handle:variant element_shape:int32 | output_handle:variant tensor:element_dtype | element_dtype:type
TensorListPushBack | input_handle:variant tensor:element_dtype | output_handle:variant | element_dtype:type
TensorListPushBackBatch | input_handles:variant tensor:element_dtype | output_handles:variant | element_dtype:type
TensorListReserve | element_shape:shape_type num_elements:int32 | handle:variant | element_dtype:type shape_type:type
TensorListResize | input_handle:variant size:int32 | output_handle:variant |
TensorListScatter | tensor:element_dtype indices:int32 element_shape:shape_type | output_handle:variant | element_dtype:type shape_type:type
TensorListScatterIntoExistingList | input_handle:variant tensor:element_dtype indices:int32 | output_handle:variant | element_dtype:type
TensorListScatterV2 | tensor:element_dtype indices:int32 element_shape:shape_type num_elements:int32 | output_handle:variant | element_dtype:type shape_type:type
TensorListSetItem | input_handle:variant index:int32 item:element_dtype | output_handle:variant | element_dtype:type resize_if_index_out_of_bounds:bool=false
TensorListSplit | tensor:element_dtype element_shape:shape_type lengths:int64 | output_handle:variant | element_dtype:type shape_type:type
TensorListStack | input_handle:variant element_shape:int32 | tensor:element_dtype | element_dtype:type num_elements:int=-1
TensorScatterAdd | tensor:T indices:Tindices updates:T | output:T | T:type Tindices:type bad_indices_policy:string=""
TensorScatterMax | tensor:T indices:Tindices updates:T | output:T | T:type Tindices:type bad_indices_policy:string=""
TensorScatterMin | tensor:T indices:Tindices updates:T | output:T | T:type Tindices:type bad_indices_policy:string=""
TensorScatterSub | tensor:T indices:Tindices updates:T | output:T | T:type Tindices:type bad_indices_policy:string=""
TensorScatterUpdate | tensor:T indices:Tindices updates:T | output:T | T:type Tindices:type bad_indices_policy:string=""
TensorStridedSliceUpdate | input:T begin:Index end:Index strides:Index value:T | output:T | T:type Index:type begin_mask:int=0 end_mask:int=0 ellipsis_mask:int=0 new_axis_mask:int=0 shrink_axis_mask:int=0
Tile | input:T multiples:Tmultiples | output:T | T:type Tmultiples:type="int32"
ToBool | input:T | output:bool | T:type
TopK | input:T | values:T indices:int32 | k:int sorted:bool=true T:type
TopKV2 | input:T k:Tk | values:T indices:index_type | sorted:bool=true T:type Tk:type="int32" index_type:type="int32"
Transpose | x:T perm:Tperm | y:T | T:type Tperm:type="int32"
TridiagonalMatMul | superdiag:T maindiag:T subdiag:T rhs:T | output:T | T:type
TridiagonalSolve | diagonals:T rhs:T | output:T | partial_pivoting:bool=true perturb_singular:bool=false T:type
TruncateDiv | x:T y:T | z:T | T:type
TruncateMod | x:T y:T | z:T | T:type
TruncatedNormal! | shape:T | output:dtype | seed:int=0 seed2:int=0 dtype:type T:type
Unbatch | batched_tensor:T batch_index:int64 id:int64 | unbatched_tensor:T | timeout_micros:int container:string="" shared_name:string="" T:type
UncompressElement | compressed:variant | components:*output_types | output_types:list(type) output_shapes:list(shape)
UnicodeDecode | input:string | row_splits:Tsplits char_values:int32 | input_encoding:string errors:string="replace" replacement_char:int=65533 replace_control_characters:bool=false Tsplits:type="int64"
UnicodeDecodeWithOffsets | input:string | row_splits:Tsplits char_values:int32 char_to_byte_starts:int64 | input_encoding:string errors:string="replace" replacement_char:int=65533 replace_control_characters:bool=false Tsplits:type="int64"
UnicodeScript | input:int32 | output:int32 |
UnicodeTranscode | input:string | output:string | input_encoding:string output_encoding:string errors:string="replace" replacement_char:int=65533 replace_control_characters:bool=false
Unique | x:T | y:T idx:out_idx | T:type out_idx:type="int32"
UniqueV2 | x:T axis:Taxis | y:T idx:out_idx | T:type Taxis:type="int64" out_idx:type="int32"
UniqueWithCounts | x:T | y:T idx:out_idx count:out_idx | T:type out_idx:type="int32"
UniqueWithCountsV2 | x:T axis:Taxis | y:T idx:out_idx count:out_idx | T:type Taxis:type="int64" out_idx:type="int32"
Unpack | value:T | output:num*T | num:int T:type axis:int=0
UnravelIndex | indices:Tidx dims:Tidx | output:Tidx | Tidx:type="int32"
UnsortedSegmentJoin | inputs:string segment_ids:Tindices num_segments:Tnumsegments | output:string | separator:string="" Tindices:type Tnumsegments:type="int32"
UnsortedSegmentMax | data:T segment_ids:Tindices num_segments:Tnumsegments | output:T | T:type Tindices:type Tnumsegments:type="int32"
UnsortedSegmentMin | data:T segment_ids:Tindices num_segments:Tnumsegments | output:T | T:type Tindices:type Tnumsegments:type="int32"
UnsortedSegmentProd | data:T segment_ids:Tindices num_segments:Tnumsegments | output:T | T:type Tindices:type Tnumsegments:type="int32"
UnsortedSegmentSum | data:T segment_ids:Tindices num_segments:Tnumsegments | output:T | T:type Tindices:type Tnumsegments:type="int32"
UpperBound | sorted_inputs:T values:T | output:out_type | T:type out_type:type="int32"
VarHandleOp! |  | resource:resource | container:string="" shared_name:string="" debug_name:string="" dtype:type shape:shape allowed_devices:list(string)=[]
VarIsInitializedOp! | resource:resource | is_initialized:bool |
Variable! |  | ref:dtype | shape:shape dtype:type container:string="" shared_name:string=""
VariableShape! | input:resource | output:out_type | out_type:type="int32"
VariableV2! |  | ref:dtype | shape:shape dtype:type container:string="" shared_name:string=""
Where | input:T | index:int64 | T:type="bool"
While! | input:*T | output:*T | T:list(type) cond:func body:func output_shapes:list(shape)=[] parallel_iterations:int=10
WindowOp | inputs:*Tinputs | handle:variant | output_types:list(type) output_shapes:list(shape) Tinputs:list(type)
Xdivy | x:T y:T | z:T | T:type
Xlog1py | x:T y:T | z:T | T:type
Xlogy | x:T y:T | z:T | T:type
ZerosLike | x:T | y:T | T:type
Zeta | x:T q:T | z:T | T:type
`;
