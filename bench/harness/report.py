"""Medians, goals and tables."""
import statistics

FIGURES = []  # every figure with a goal, in the order measured: what the closing table shows


def median(values):
    return statistics.median(values)


def quantile(values, q):
    """Nearest rank: a value that was measured."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -(-int(q * 1000) * len(ordered) // 1000) - 1))]


def number(value):
    if value is None:
        return "-"
    if isinstance(value, str):
        return value
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    if abs(value) >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def table(title, head, rows):
    cells = [[number(cell) for cell in row] for row in rows]
    widths = [max(len(line[i]) for line in [head, *cells]) for i in range(len(head))]

    def line(row):
        first, *others = (cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(row, widths)))
        return "  ".join([first, *others]).rstrip()

    print(f"\n{title}")
    print(line(head))
    print("  ".join("-" * w for w in widths))
    for row in cells:
        print(line(row))
    print(flush=True)


def goal(name, measured, bound, at_most, unit=""):
    """Notes a figure that has a goal. The ratio is over 1 when it is better than the goal."""
    better = bound / measured if at_most and measured else measured / bound if bound else None
    met = measured <= bound if at_most else measured >= bound
    FIGURES.append({"figure": name, "measured": measured, "goal": bound, "at_most": at_most, "unit": unit,
                    "better_by": better, "met": met})
    return met


def closing_table():
    rows = []
    for f in FIGURES:
        sign = "<=" if f["at_most"] else ">="
        factor = "-" if f["better_by"] is None else f"{f['better_by']:.2f}x"
        rows.append([f["figure"], f"{number(f['measured'])} {f['unit']}".strip(),
                     f"{sign} {number(f['goal'])} {f['unit']}".strip(), factor, "yes" if f["met"] else "NO"])
    if rows:
        table("Goals", ["figure", "measured", "goal", "against goal", "met"], rows)
    return all(f["met"] for f in FIGURES)


def say(text):
    print(f"  {text}", flush=True)
