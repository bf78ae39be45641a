#!/usr/bin/env python3
"""The JSON test suite: tests/json/suite.py --verdicts build/release/tests/json/json_verdicts --documents FOLDER

y_ documents must be accepted and n_ documents refused. What is free (i_), what the strict parser refuses beyond the
suite, and what the transforms become, is pinned in free.tsv. --write rewrites that table."""
import argparse
import subprocess
import sys
from pathlib import Path

TABLE = Path(__file__).resolve().parent / "free.tsv"
PARSING, TRANSFORM = 318, 22
# Duplicate keys are read differently by different readers, so here they are refused.
STRICTER = {"y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json"}
# The package holds JavaScript strings, in which bytes that are no UTF-8 have become U+FFFD. So the documents that are
# about such bytes are tried with the bytes as well. All must be refused.
RAW = {
    "i_string_UTF-8_invalid_sequence": b'["\xe6\x97\xa5\xd1\x88\xfa"]',
    "i_string_UTF8_surrogate_U+D800": b'["\xed\xa0\x80"]',
    "i_string_invalid_utf-8": b'["\xff"]',
    "i_string_iso_latin_1": b'["\xe9"]',
    "i_string_lone_utf8_continuation_byte": b'["\x81"]',
    "i_string_not_in_unicode_range": b'["\xf4\xbf\xbf\xbf"]',
    "i_string_overlong_sequence_2_bytes": b'["\xc0\xaf"]',
    "i_string_overlong_sequence_6_bytes": b'["\xfc\x83\xbf\xbf\xbf\xbf"]',
    "i_string_overlong_sequence_6_bytes_null": b'["\xfc\x80\x80\x80\x80\x80"]',
    "i_string_truncated-utf-8": b'["\xe0\xff"]',
    "n_a_invalid_utf8": b"[a\xe5]",
    "n_array_invalid_utf8": b"[\xff]",
    "n_number_invalid-utf-8-in-bigger-int": b"[123\xe5]",
    "n_number_invalid-utf-8-in-exponent": b"[1e1\xe5]",
    "n_number_invalid-utf-8-in-int": b"[0\xe5]",
    "n_number_real_with_invalid_utf8_after_e": b"[1e\xe5]",
    "n_object_lone_continuation_byte_in_key": b'{"\xb9":"0",}',
    "n_string_invalid-utf-8-in-escape": b'["\\u\xe5"]',
    "n_string_invalid_utf8_after_escape": b'["\\\xe5"]',
    "n_structure_incomplete_UTF8_BOM": b"\xef\xbb{}",
    "n_structure_lone-invalid-utf-8": b"\xe5",
    "n_structure_single_eacute": b"\xe9",
}


def write_raw(folder):
    folder.mkdir(exist_ok=True)
    for name, data in RAW.items():
        (folder / f"{name}.raw").write_bytes(data)
    return sorted(folder.iterdir())


def verdicts(program, files):
    out = subprocess.run([program, *files], capture_output=True, check=True).stdout.decode("utf-8", "replace")
    lines = out.split("\n")[:-1]
    if len(lines) != len(files):
        raise SystemExit(f"{len(files)} files and {len(lines)} verdicts")
    return {file.name: line.split("\t", 1) for file, line in zip(files, lines)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--verdicts", required=True)
    parser.add_argument("--documents", required=True, type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    parsing, transform = (sorted((options.documents / part).iterdir()) for part in ("parsing", "transform"))
    if (len(parsing), len(transform)) != (PARSING, TRANSFORM):
        raise SystemExit(f"{len(parsing)} + {len(transform)} documents, expected {PARSING} + {TRANSFORM}")
    raw = write_raw(options.documents / "raw")
    got = verdicts(options.verdicts, parsing + transform + raw)
    wrong = [f"{file.name}: {got[file.name]}" for file in raw if got[file.name][0] != "refused"]
    for file in parsing:
        wanted = {"y": "accepted", "n": "refused"}.get(file.name[0])
        if wanted and got[file.name][0] != ("refused" if file.name in STRICTER else wanted):
            wrong.append(f"{file.name}: {got[file.name]}")
    pinned_files = [file for file in parsing if file.name[0] == "i" or file.name in STRICTER] + transform
    free = {file.name: "\t".join(got[file.name]) for file in pinned_files}
    if options.write:
        TABLE.write_text("".join(f"{name}\t{verdict}\n" for name, verdict in sorted(free.items())))
    pinned = dict(line.split("\t", 1) for line in TABLE.read_text().splitlines())
    wrong += [f"{name}: {free.get(name)}, pinned is {pinned.get(name)}"
              for name in sorted(free.keys() | pinned.keys()) if free.get(name) != pinned.get(name)]
    wrong.append(f"{len(parsing)} + {len(transform)} documents and {len(raw)} of raw bytes, {len(pinned)} pinned, "
                 f"{len(wrong)} wrong")
    print("\n".join(wrong))
    return 1 if len(wrong) > 1 else 0


if __name__ == "__main__":
    sys.exit(main())
