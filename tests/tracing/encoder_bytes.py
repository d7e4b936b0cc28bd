# Prints the bytes that encoder_test.cc expects, as Google's protobuf writes them: needs the package opentelemetry-proto.
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
r=ExportTraceServiceRequest()
rs=r.resource_spans.add()
a=rs.resource.attributes.add(); a.key="service.name"; a.value.string_value="s"
ss=rs.scope_spans.add(); ss.scope.name="scope"; ss.scope.version="1"
s=ss.spans.add()
s.trace_id=bytes.fromhex("0af7651916cd43dd8448eb211c80319c"); s.span_id=bytes.fromhex("b7ad6b7169203331")
s.parent_span_id=bytes(range(1,9)); s.name="work"; s.kind=4; s.start_time_unix_nano=10**9; s.end_time_unix_nano=10**9+1
a=s.attributes.add(); a.key="text"; a.value.string_value="value"
a=s.attributes.add(); a.key="number"; a.value.int_value=-1
l=s.links.add(); l.trace_id=s.trace_id; l.span_id=s.span_id; l.flags=1
s.dropped_links_count=300; s.status.code=2; s.flags=1
print(r.SerializeToString(deterministic=True).hex())
