"""A hospital's client in Python: grpcio and protobuf as Debian has them, no generated code.

The messages come from a FileDescriptorSet that protoc made of the .proto files, so any protobuf from 3.20 on will do.
It runs one concern against a running server, asserts in its own words, and prints "ok".

    client.py HTTP_ADDRESS GRPC_ADDRESS DESCRIPTOR_SET PREFIX CONCERN
"""
import sys

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

PLAN = "tongliao-resident-critical-2025"
FACILITY = "H15050200001"


class Types:
    """Message classes by their full names, out of a pool of their own."""

    def __init__(self, path):
        self.pool = descriptor_pool.DescriptorPool()
        files = descriptor_pb2.FileDescriptorSet()
        with open(path, "rb") as file:
            files.ParseFromString(file.read())
        for one in files.file:  # protoc writes a file after those it imports
            self.pool.Add(one) if hasattr(self.pool, "Add") else self.pool.AddSerializedFile(one.SerializeToString())
        # Where each way came or went between protobuf's versions, the other one is there.
        if hasattr(message_factory, "GetMessageClass"):
            self.message = message_factory.GetMessageClass
        else:
            self.message = message_factory.MessageFactory(self.pool).GetPrototype

    def __call__(self, name):
        return self.message(self.pool.FindMessageTypeByName(name))

    def method(self, path):
        service, name = path.split("/")
        return self.pool.FindServiceByName(service).methods_by_name[name]


class Client:
    def __init__(self, types, address, prefix):
        self.types = types
        self.prefix = prefix
        self.channel = grpc.insecure_channel(address)
        self.enrollee = f"PY-{prefix}"

    def _shape(self, path, make):
        method = self.types.method(path)
        answer = self.types.message(method.output_type)
        return make("/" + path, request_serializer=lambda message: message.SerializeToString(),
                    response_deserializer=answer.FromString)

    def call(self, path, request, timeout=10, **options):
        return self._shape(path, self.channel.unary_unary)(request, timeout=timeout, **options)

    def stream(self, path, request, timeout=10):
        return self._shape(path, self.channel.unary_stream)(request, timeout=timeout)

    def duplex(self, path, requests, timeout=10):
        return self._shape(path, self.channel.stream_stream)(iter(requests), timeout=timeout)

    def new(self, name, **fields):
        return self.types("settlementgrid.v1." + name)(**fields)

    def enroll(self, region="150502"):
        coverage = self.new("Coverage", plan_id=PLAN, to="2025-12-31")
        setattr(coverage, "from", "2025-01-01")  # "from" is a keyword of Python's
        self.call("settlementgrid.v1.EnrolleeService/PutEnrollees", self.new("PutEnrolleesRequest", enrollees=[
            self.new("Enrollee", enrollee_id=self.enrollee, region_id=region, insurance="RESIDENT",
                     coverages=[coverage])]))

    def bill(self, number=1, **other):
        fields = dict(
            request_id=f"{self.prefix}-{number}", facility_id=FACILITY, encounter_id=f"E-{self.prefix}-{number}",
            enrollee_id=self.enrollee, care_type="INPATIENT", admitted_on="2025-03-01", discharged_on="2025-03-10",
            total_fen=5000000, eligible_fen=4000000, basic_paid_fen=2000000)
        return self.new("SettleRequest", **(fields | other))

    def settle(self, request, **options):
        return self.call("settlementgrid.v1.SettlementService/Settle", request, **options)


def settle(client):
    client.enroll()
    first = client.settle(client.bill())
    # 20,000 yuan of their own, 14,000 of them before the plan begins, the rest at 60 %.
    equal(360000, first.plans_paid_fen)
    equal(2640000, first.enrollee_pays_fen)
    equal(["critical"], [layer.layer_id for layer in first.layers])
    equal(26, len(first.settlement_id))
    equal(first, client.settle(client.bill()))
    equal(first, client.call("settlementgrid.v1.SettlementService/GetSettlement",
                             client.new("GetSettlementRequest", settlement_id=first.settlement_id)))


def refusal(client):
    client.enroll()
    client.settle(client.bill())
    error = refused(lambda: client.settle(client.bill(total_fen=5000001)))
    equal(grpc.StatusCode.ALREADY_EXISTS, error.code())
    assert error.details().startswith("REQUEST_ID_REUSED: "), error.details()
    trailers = dict(error.trailing_metadata())
    equal("REQUEST_ID_REUSED", trailers["settlementgrid-reason"])
    status = client.types("google.rpc.Status").FromString(trailers["grpc-status-details-bin"])
    equal("type.googleapis.com/settlementgrid.v1.Refusal", status.details[0].type_url)
    details = client.types("settlementgrid.v1.Refusal").FromString(status.details[0].value)
    equal("REQUEST_ID_REUSED", details.reason)
    equal(client.types.pool.FindEnumTypeByName("settlementgrid.v1.Advice").values_by_name["FIX_REQUEST"].number,
          details.advice)
    assert details.message_zh and details.message_en


def deadline(client):
    states = []
    error = refused(lambda: states.extend(
        keep(client.stream("grpc.health.v1.Health/Watch", client.types("grpc.health.v1.HealthCheckRequest")(),
                           timeout=0.7), states)))
    equal(grpc.StatusCode.DEADLINE_EXCEEDED, error.code())
    equal([1], states)  # SERVING came before the time was up
    client.enroll()
    equal(360000, client.settle(client.bill(), timeout=60).plans_paid_fen)


def listing(client):
    client.enroll()
    facility = f"H15050299{sum(client.prefix.encode()) % 1000:03}"
    settled = [client.settle(client.bill(number, facility_id=facility)) for number in (1, 2, 3)]
    request = client.new("ListSettlementsRequest", facility_id=facility, page_size=2)
    request.settled_from.seconds = settled[0].settled_at.seconds - 1
    request.settled_to.seconds = settled[2].settled_at.seconds + 1
    listed, pages = [], 0
    while pages == 0 or request.page_token:
        page = client.call("settlementgrid.v1.SettlementService/ListSettlements", request)
        listed += page.settlements
        request.page_token = page.next_page_token
        pages += 1
    equal(2, pages)
    equal([one.settlement_id for one in settled], [one.settlement_id for one in listed])
    equal([one.plans_paid_fen for one in settled], [one.plans_paid_fen for one in listed])


def reflection(client):
    request = client.types("grpc.reflection.v1.ServerReflectionRequest")
    answers = list(client.duplex("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", [
        request(list_services=""), request(file_containing_symbol="settlementgrid.v1.SettlementService")]))
    services = [one.name for one in answers[0].list_services_response.service]
    assert "settlementgrid.v1.SettlementService" in services, services
    files = [descriptor_pb2.FileDescriptorProto.FromString(one)
             for one in answers[1].file_descriptor_response.file_descriptor_proto]
    assert "SettlementService" in [service.name for file in files for service in file.service], files
    health = client.call("grpc.health.v1.Health/Check", client.types("grpc.health.v1.HealthCheckRequest")())
    equal(1, health.status)


def language(client):
    client.enroll()
    chinese = client.settle(client.bill())
    english = client.settle(client.bill(), metadata=[("accept-language", "en-GB,en;q=0.9")])
    assert any("一" <= letter <= "鿿" for letter in chinese.explanation[0]), chinese.explanation
    assert all(letter < "一" for letter in english.explanation[0]), english.explanation
    error = refused(lambda: client.settle(client.bill(total_fen=-1), metadata=[("accept-language", "en")]))
    assert "total_fen" in error.details(), error.details()


def compression(client):
    error = refused(lambda: client.settle(client.bill(), compression=grpc.Compression.Gzip))
    equal(grpc.StatusCode.UNIMPLEMENTED, error.code())
    client.enroll()
    equal(360000, client.settle(client.bill()).plans_paid_fen)


def funds(client):
    region = "150591"  # nobody else's
    client.enroll(region)
    record = client.new("RecordPremiumRequest", request_id=f"{client.prefix}-premium", region_id=region, plan_id=PLAN,
                        year=2025, kind="PREMIUM", amount_fen=1000000, persons=1, received_on="2025-01-10")
    recorded = client.call("settlementgrid.v1.FundService/RecordPremium", record)
    equal(recorded, client.call("settlementgrid.v1.FundService/RecordPremium", record))
    stream = client.stream("settlementgrid.v1.FundService/WatchPositions",
                           client.new("WatchPositionsRequest", region_id=region, plan_id=PLAN, year=2025), timeout=20)
    first = next(stream)
    equal([(1000000, 0, 1)], [(one.premium_fen, one.paid_fen, one.insured) for one in first.positions])
    client.settle(client.bill())
    moved = next(message for message in stream if message.positions)
    stream.cancel()
    equal([(region, 360000, 640000, 3600)],
          [(one.region_id, one.paid_fen, one.balance_fen, one.usage_bp) for one in moved.positions])
    read = client.call("settlementgrid.v1.FundService/GetPosition", client.new(
        "GetPositionRequest", region_id=region, plan_id=PLAN, year=2025, as_of_ledger_position=moved.ledger_position))
    equal([(FACILITY, 360000)], [(one.facility_id, one.paid_fen) for one in read.by_facility])
    del read.by_facility[:]
    equal(moved.positions[0], read)
    listed = client.call("settlementgrid.v1.FundService/ListPositions", client.new(
        "ListPositionsRequest", region_id=region, year=2025, as_of_ledger_position=moved.ledger_position))
    equal([read], list(listed.positions))
    error = refused(lambda: client.call("settlementgrid.v1.FundService/GetPosition", client.new(
        "GetPositionRequest", region_id=region, plan_id="no-such-plan", year=2025)))
    equal(grpc.StatusCode.NOT_FOUND, error.code())
    assert error.details().startswith("PLAN_UNKNOWN: "), error.details()


def keep(stream, into):
    for message in stream:
        into.append(message.status)
    return []


def refused(action):
    try:
        action()
    except grpc.RpcError as error:
        return error
    raise AssertionError("it was answered and not refused")


def equal(expected, actual):
    assert expected == actual, f"expected {expected!r}\n but got {actual!r}"


CONCERNS = [settle, refusal, deadline, listing, reflection, language, compression, funds]


def main(arguments):
    _, grpc_address, descriptors, prefix, concern = arguments
    chosen = {one.__name__: one for one in CONCERNS}[concern]
    chosen(Client(Types(descriptors), grpc_address.removeprefix("http://"), prefix))
    print("ok")


main(sys.argv[1:])
