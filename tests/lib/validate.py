"""Validates a JSON document against a JSON Schema. usage: validate.py SCHEMA DOCUMENT"""
import json
import sys

import jsonschema

with open(sys.argv[1]) as file:
    schema = json.load(file)
with open(sys.argv[2]) as file:
    document = json.load(file)
validator = jsonschema.validators.validator_for(schema)
validator.check_schema(schema)
errors = list(validator(schema).iter_errors(document))
for error in errors:
    print("/".join(str(part) for part in error.path), ":", error.message)
sys.exit(1 if errors else 0)
