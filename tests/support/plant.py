"""A foreign program that writes records into topics: any bytes, any headers, any partition, in transactions too.

    python plant.py BOOTSTRAP_SERVERS

Each line of standard input is a JSON object. {"records": [{"topic", "key", "value", "headers", "partition", "timestamp"}], "partitioner",
"transaction": "commit" or "abort"}: keys, values and headers' values are base64, or null; the answer is the places of the records, as a JSON
list of [partition, offset]. {"configure": TOPIC, "settings": {…}}; {"grow": [TOPIC, PARTITIONS]}; {"make_anew": [TOPIC, PARTITIONS]},
which deletes it first; {"delete_before": [TOPIC, PARTITION, OFFSET]}. Or the answer is an error: {"error": TEXT}.
"""
import base64
import json
import sys
import time
import uuid

from confluent_kafka import OFFSET_END, Consumer, KafkaError, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource, NewPartitions, NewTopic

RECORD_BYTES_MAX = 100_000_000
producers = {}


def producer_for(partitioner, transactional):
    kind = (partitioner, transactional)
    if kind not in producers:
        settings = {
            "bootstrap.servers": sys.argv[1],
            "partitioner": partitioner,
            "compression.type": "lz4",
            "message.max.bytes": RECORD_BYTES_MAX,
            "linger.ms": 1,
            "log_level": 0,
        }
        if transactional:
            settings["transactional.id"] = str(uuid.uuid4())
        producers[kind] = Producer(settings)
        if transactional:
            producers[kind].init_transactions()
    return producers[kind]


def bytes_of(text):
    return None if text is None else base64.b64decode(text)


def plant(order):
    records = order["records"]
    places = [None] * len(records)
    transaction = order.get("transaction")
    producer = producer_for(order.get("partitioner", "murmur2_random"), transaction is not None)
    if transaction:
        producer.begin_transaction()
    for index, record in enumerate(records):

        def delivered(error, message, index=index):
            places[index] = str(error) if error else [message.partition(), message.offset()]

        more = {name: record[name] for name in ("partition", "timestamp") if name in record}
        headers = [(name, bytes_of(value)) for name, value in record.get("headers", [])]
        producer.produce(
            record["topic"], key=bytes_of(record.get("key")), value=bytes_of(record.get("value")), headers=headers, on_delivery=delivered, **more)
    producer.flush(30)
    if transaction == "commit":
        producer.commit_transaction(30)
    elif transaction == "abort":
        producer.abort_transaction(30)
    errors = [place for place in places if not isinstance(place, list)]
    return {"error": str(errors[0])} if errors else places


def configure(topic, settings):
    entries = [ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET) for name, value in settings.items()]
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=entries)
    for done in admin.incremental_alter_configs([resource]).values():
        done.result()
    return []


def grow(topic, partitions):
    for done in admin.create_partitions([NewPartitions(topic, partitions)]).values():
        done.result()
    return []


def make_anew(topic, partitions):
    old = ends_of(topic, partitions)
    repeat(lambda: admin.delete_topics([topic], request_timeout=5), until=KafkaError.UNKNOWN_TOPIC_OR_PART)
    repeat(lambda: admin.create_topics([NewTopic(topic, partitions, -1)], request_timeout=5), until=KafkaError.TOPIC_ALREADY_EXISTS)
    # A broker may take records into the deleted topic for a moment yet, and they go with it.
    while any(end is None or end >= (was or 0) > 0 for end, was in zip(ends_of(topic, partitions), old)):
        time.sleep(0.05)
    return []


def repeat(order, until):
    """Until the answer says that it is done: one that goes to a broker which has just died has no other answer."""
    while True:
        try:
            for done in order().values():
                done.result()
        except KafkaException as error:
            if error.args[0].code() == until:
                return
            time.sleep(0.1)


def ends_of(topic, partitions):
    wanted = [TopicPartition(topic, partition, OFFSET_END) for partition in range(partitions)]
    try:
        return [found.offset for found in watcher.offsets_for_times(wanted, timeout=2)]
    except KafkaException:
        return [None] * partitions


def delete_before(topic, partition, offset):
    for done in admin.delete_records([TopicPartition(topic, partition, offset)]).values():
        done.result()
    return []


def answer_to(order):
    if "configure" in order:
        return configure(order["configure"], order["settings"])
    if "grow" in order:
        return grow(*order["grow"])
    if "make_anew" in order:
        return make_anew(*order["make_anew"])
    if "delete_before" in order:
        return delete_before(*order["delete_before"])
    return plant(order)


watcher = Consumer({"bootstrap.servers": sys.argv[1], "group.id": "planter", "topic.metadata.refresh.interval.ms": 500, "log_level": 0})
admin = AdminClient({"bootstrap.servers": sys.argv[1], "log_level": 0})
for line in sys.stdin:
    try:
        answer = answer_to(json.loads(line))
    except KafkaException as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
