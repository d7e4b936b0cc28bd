"""The way of a message without a service in between: the same hops, through the same servers, by clients that are not ours.

    python bare_walk.py BOOTSTRAP_SERVERS MONGODB TOPIC_PREFIX DATABASE RATE COUNT

Each message is written to a topic (acks=all), read from it, inserted with what else is there (w: majority, j: true), announced
on a second topic and read from that. For each line on standard input, COUNT messages go at RATE a second, and the median is printed, in ms.
"""
import sys
import threading
import time

from confluent_kafka import OFFSET_BEGINNING, Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from pymongo import MongoClient
from pymongo.write_concern import WriteConcern

ARRIVAL_S = 30

bootstrap, mongodb, prefix, database, rate, count = sys.argv[1:]
rate, count = int(rate), int(count)
requested, sent = f"{prefix}bare-requested", f"{prefix}bare-sent"
rows = MongoClient(mongodb)[database].get_collection("bare", write_concern=WriteConcern(w="majority", j=True))
admin = AdminClient({"bootstrap.servers": bootstrap})
for created in admin.create_topics([NewTopic(requested, 1), NewTopic(sent, 1)]).values():
    created.result()


def producer():
    return Producer({"bootstrap.servers": bootstrap, "acks": "all", "linger.ms": 0})


def follow(topic, on_records):
    consumer = Consumer({"bootstrap.servers": bootstrap, "group.id": topic, "fetch.wait.max.ms": 100})
    consumer.assign([TopicPartition(topic, 0, OFFSET_BEGINNING)])
    while True:
        first = consumer.poll(1)
        records = [first, *consumer.consume(500, 0)] if first else []
        for record in records:
            if record.error():
                sys.exit(f"{topic}: {record.error()}")
        if records:
            on_records(records)


took, sent_at, arrived = [], {}, threading.Semaphore(0)
announcer = producer()


def store(records):
    rows.insert_many([{"number": int(record.key()), "content": record.value().decode()} for record in records])
    for record in records:
        announcer.produce(sent, record.value(), record.key())
    announcer.poll(0)


def receive(records):
    now = time.monotonic()
    for record in records:
        took.append(now - sent_at.pop(int(record.key())))
        arrived.release()


for topic, on_records in ((requested, store), (sent, receive)):
    threading.Thread(target=follow, args=(topic, on_records), daemon=True).start()
writer, number = producer(), 0
for _ in sys.stdin:
    took.clear()
    begin = time.monotonic()
    for i in range(count):
        time.sleep(max(0, begin + i / rate - time.monotonic()))
        number += 1
        sent_at[number] = time.monotonic()
        writer.produce(requested, b"Hello teacher!", str(number))
        writer.poll(0)
    for _ in range(count):
        if not arrived.acquire(timeout=ARRIVAL_S):
            sys.exit("a message was lost")
    print(1000 * sorted(took)[count // 2], flush=True)
