#!/usr/bin/env python3
"""fill.py belay.db COUNT: puts COUNT campaigns into the store of a server that is not running, all like the one
that is there: a third scheduled, the others completed. For lists of very many; through the API it takes minutes."""
import json
import sqlite3
import sys

KINDS = ["Diwali sale", "Welcome", "Price drop", "Cart reminder", "Order shipped", "Digest", "Win back", "Survey"]


def main() -> None:
    db = sqlite3.connect(sys.argv[1])
    count = int(sys.argv[2])
    columns = [row[1] for row in db.execute("PRAGMA table_info(campaign)")]
    model = dict(zip(columns, db.execute("SELECT * FROM campaign ORDER BY id LIMIT 1").fetchone()))
    definition = json.loads(model["definition"])

    def rows():
        for n in range(1, count + 1):
            row = dict(model, id=model["id"] - n, name=f"{KINDS[n % len(KINDS)]} {n}")
            row["definition"] = json.dumps(definition | {"name": row["name"], "labels": []})
            row["due"] = model["due"] + n * 7919 % count * 60_000_000
            if n % 3:
                row.update(state="completed", started=model["created"], finished=model["created"])
            yield [row[name] for name in columns]

    with db:
        db.executemany(f"INSERT INTO campaign VALUES ({', '.join('?' * len(columns))})", rows())


if __name__ == "__main__":
    main()
