"""Edits MongoDB as people and other programs do.

    python documents.py CONNECTION_STRING DATABASE

Each line of standard input is a database command in extended JSON; the answer is what the server says, as one line of
extended JSON, or {"error": TEXT}.
"""
import sys

from bson import json_util
from bson.codec_options import DatetimeConversion
from pymongo import MongoClient
from pymongo.errors import PyMongoError

options = json_util.JSONOptions(datetime_conversion=DatetimeConversion.DATETIME_MS)  # any date at all
database = MongoClient(sys.argv[1])[sys.argv[2]]
for line in sys.stdin:
    try:
        answer = database.command(json_util.loads(line, json_options=options))
    except PyMongoError as error:
        answer = {"error": str(error)}
    print(json_util.dumps(answer), flush=True)
