"""Reads a WARC file with two packages that know nothing of the program that wrote it, warcio and FastWARC,
and its CDXJ index line by line; prints one JSON object a record and a line, for the tests to judge.

Whatever one of the packages cannot read, or reads otherwise than the other, ends this with an error."""

import io
import json
import sys

import fastwarc.warc
import warcio.archiveiterator


def with_warcio(path):
    records = []
    with open(path, "rb") as stream:
        iterator = warcio.archiveiterator.ArchiveIterator(stream, check_digests="raise")
        for record in iterator:
            field = record.rec_headers.get_header
            payload = record.content_stream().read() if record.rec_type == "resource" else record.raw_stream.read()
            http = record.http_headers
            records.append({
                "offset": iterator.get_record_offset(),
                "length": iterator.get_record_length(),
                "type": record.rec_type,
                "status": http.get_statuscode() if http and record.rec_type != "request" else None,
                "http_headers": [list(one) for one in http.headers] if http else [],
                "http_line": http.protocol + " " + http.statusline if http else None,
                "payload": payload.decode("latin-1"),
                "fields": {name: value for name, value in record.rec_headers.headers},
                "checked": record.digest_checker.passed,
                "uri": field("WARC-Target-URI"),
            })
        if iterator.err_count:
            sys.exit(f"warcio found {iterator.err_count} faults")
    return records


def with_fastwarc(path):
    records = []
    with open(path, "rb") as stream:
        for record in fastwarc.warc.ArchiveIterator(stream, parse_http=False):
            kind = record.headers.get("WARC-Type")
            record.freeze()
            if not record.verify_block_digest():
                sys.exit(f"FastWARC: block digest of {record.record_id}")
            status = None
            if record.is_http:
                record.parse_http()
                status = record.http_headers.status_code if kind != "request" else None
            if kind == "response" and not record.verify_payload_digest():
                sys.exit(f"FastWARC: payload digest of {record.record_id}")
            # It takes payloads of HTTP alone for some.
            if kind == "resource":
                if record.headers["WARC-Payload-Digest"] != record.headers["WARC-Block-Digest"]:
                    sys.exit(f"payload digest of {record.record_id}")
            records.append({
                "offset": record.stream_pos,
                "type": kind,
                "uri": record.headers.get("WARC-Target-URI"),
                "status": str(status) if status else None,
                "payload": record.reader.read().decode("latin-1"),
            })
    return records


def compare(one, other):
    if len(one) != len(other):
        sys.exit(f"warcio reads {len(one)} records, FastWARC {len(other)}")
    for a, b in zip(one, other):
        for name in ("offset", "type", "uri", "status", "payload"):
            if a[name] != b[name]:
                sys.exit(f"{name}: warcio has {a[name]!r}, FastWARC {b[name]!r}")


def index_lines(path, archive):
    lines = open(path, "rb").read().split(b"\n")
    if lines.pop() != b"":
        sys.exit("the index ends within a line")
    if lines != sorted(lines):
        sys.exit("the index is not sorted")
    data = open(archive, "rb").read()
    for line in lines:
        key, time, members = line.decode().split(" ", 2)
        members = json.loads(members)
        start, length = int(members["offset"]), int(members["length"])
        # What a line points at is one record, and no more.
        part = io.BytesIO(data[start:start + length])
        (record,) = list(fastwarc.warc.ArchiveIterator(part))
        for name, expected in (("WARC-Target-URI", "url"), ("WARC-Date", "date")):
            if record.headers.get(name) != members[expected]:
                sys.exit(f"{members} points at {dict(record.headers)}")
        found = record.headers.get("WARC-Payload-Digest")
        if found is not None and found != members["digest"]:
            sys.exit(f"{members} points at {found}")
        yield {"key": key, "time": time, "members": members}


archive = sys.argv[1]
records = with_warcio(archive)
compare(records, with_fastwarc(archive))
for record in records:
    print(json.dumps({"record": record}))
for line in index_lines(archive + ".cdxj", archive):
    print(json.dumps({"line": line}))
