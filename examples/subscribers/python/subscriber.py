# How long did runs take, by how they ended? A subscriber to run.events whose effects happen once, however often an event is heard.
import json
import os
import re
import signal
import sqlite3
import sys
from datetime import datetime

from kafka import KafkaConsumer

env = os.environ.get
database = sqlite3.connect(os.path.join(env("STATE_FOLDER", "."), "run-times.sqlite"), isolation_level=None)
database.executescript(
    """
    PRAGMA journal_mode = WAL;
    CREATE TABLE IF NOT EXISTS inbox (event_id TEXT PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS started (run TEXT PRIMARY KEY, at TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS times (outcome TEXT PRIMARY KEY, runs INTEGER NOT NULL, seconds REAL NOT NULL);
    """
)


def seconds_between(start, end):
    moment = lambda text: datetime.fromisoformat(text.replace("Z", "+00:00"))
    return (moment(end) - moment(start)).total_seconds()


def effect(kind, data):
    run = "{experimentId}/{attempt}".format(**data) if "attempt" in data else None
    if kind == "RunStarted":
        database.execute("INSERT OR IGNORE INTO started VALUES (?, ?)", (run, data["startedAt"]))
    if kind in ("RunSucceeded", "RunFailed", "RunStopped"):  # of other types, and of those to come, we want nothing
        row = database.execute("SELECT at FROM started WHERE run = ?", (run,)).fetchone()
        seconds = seconds_between(row[0], data["endedAt"]) if row else 0
        database.execute(
            "INSERT INTO times VALUES (?, 1, ?) ON CONFLICT (outcome) DO UPDATE SET runs = runs + 1, seconds = seconds + excluded.seconds",
            (kind, seconds),
        )


def react(event_id, kind, data):
    """The effect, and the note that it has happened, in one transaction: both or neither."""
    database.execute("BEGIN IMMEDIATE")
    try:
        if database.execute("INSERT OR IGNORE INTO inbox VALUES (?)", (event_id,)).rowcount == 1:
            effect(kind, data)
        database.execute("COMMIT")
    except BaseException:
        database.execute("ROLLBACK")
        raise


def listen():
    security = {}
    if env("KAFKA_USERNAME"):
        security = {"sasl_mechanism": "PLAIN", "sasl_plain_username": env("KAFKA_USERNAME"), "sasl_plain_password": env("KAFKA_PASSWORD", "")}
    if security or env("KAFKA_CA_FILE"):
        security["security_protocol"] = ("SASL_" if security else "") + ("SSL" if env("KAFKA_CA_FILE") else "PLAINTEXT")
        security["ssl_cafile"] = env("KAFKA_CA_FILE")
    consumer = KafkaConsumer(
        env("KAFKA_TOPIC_PREFIX", "") + "run.events",
        bootstrap_servers=env("KAFKA_BROKERS", "127.0.0.1:9092").split(","),
        group_id=env("KAFKA_GROUP", "run-times-python"),
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        session_timeout_ms=10000,
        **security,
    )
    stopping = []
    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, lambda *_: stopping.append(True))
    while not stopping:
        records = [record for batch in consumer.poll(timeout_ms=500).values() for record in batch]
        for record in records:
            headers = {name: value.decode() for name, value in record.headers}
            kind, version = re.fullmatch(r"/schemas/(\w+)/v(\d+)", headers["ce_dataschema"]).groups()
            if version != "1":
                raise SystemExit(f"{kind} version {version} is new here: look at docs/events, then go on")
            react(headers["ce_id"], kind, json.loads(record.value))
        if records:
            consumer.commit()  # after the effects: what is killed before hears them again, and its inbox knows
    consumer.close()


if "--show" in sys.argv:
    for outcome, runs, seconds in database.execute("SELECT outcome, runs, seconds FROM times ORDER BY outcome"):
        print(json.dumps({"outcome": outcome, "runs": runs, "seconds": seconds}))
else:
    listen()
