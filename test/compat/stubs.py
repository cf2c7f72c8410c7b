"""The modules that TensorFlow Serving's Python clients import, made from a FileDescriptorSet at run time.

`install` puts `tensorflow_serving.apis.predict_pb2`, `..._pb2_grpc` and all others into `sys.modules`, so that code
written against the published package runs as it is.
"""

import sys
import types

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory


def _module(name):
    """The module of this name, with the packages above it."""
    if name not in sys.modules:
        module = types.ModuleType(name)
        module.__path__ = []
        sys.modules[name] = module
        parent, _, leaf = name.rpartition(".")
        if parent:
            setattr(_module(parent), leaf, module)
    return sys.modules[name]


def _stub(service):
    def init(self, channel):
        for method in service.methods:
            call = channel.unary_unary(
                f"/{service.full_name}/{method.name}",
                request_serializer=message_factory.GetMessageClass(method.input_type).SerializeToString,
                response_deserializer=message_factory.GetMessageClass(method.output_type).FromString,
            )
            setattr(self, method.name, call)

    return type(f"{service.name}Stub", (), {"__init__": init})


def install(descriptor_file, packages=("tensorflow_serving", "tensorflow")):
    """Makes modules for the files under `packages`; a pool of their own keeps them apart from an installed package's."""
    with open(descriptor_file, "rb") as file:
        files = descriptor_pb2.FileDescriptorSet.FromString(file.read()).file
    pool = descriptor_pool.DescriptorPool()
    for proto in files:
        pool.Add(proto)
    for proto in files:
        if not proto.name.startswith(tuple(f"{package}/" for package in packages)):
            continue
        descriptor = pool.FindFileByName(proto.name)
        base = proto.name.removesuffix(".proto").replace("/", ".")
        module = _module(f"{base}_pb2")
        for name, message in descriptor.message_types_by_name.items():
            setattr(module, name, message_factory.GetMessageClass(message))
        for enum in descriptor.enum_types_by_name.values():
            for value in enum.values:
                setattr(module, value.name, value.number)
        for service in descriptor.services_by_name.values():
            setattr(_module(f"{base}_pb2_grpc"), f"{service.name}Stub", _stub(service))
