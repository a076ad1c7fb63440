#!/usr/bin/python3 -B
"""Compares two recordings of record.py; ends with 1 when a document differs or is missing.

usage: compare.py BEFORE AFTER [--quiet]

A document of which there are several takes is the same when any of the one side is any of the other, or has no line
that is not in some of the other: a few rows of the kernel tables have two ends that are both right, and which of them
it is, is chance. When only chance is left to differ, record more takes."""

import argparse
import difflib
import sys

from documents import Recording


def lines(texts):
    return {line for text in texts for line in text.splitlines()}


def same(before, after):
    """Where chance was seen to vary a document, a take of one side may also be put together from those of the other."""
    if set(before) & set(after):
        return True
    if len(before) == len(after) == 1:
        return False
    return (any(lines([text]) <= lines(before) for text in after) or
            any(lines([text]) <= lines(after) for text in before))


def difference(name, before, after):
    """The smallest one between any two takes."""
    diffs = (list(difflib.unified_diff(one.splitlines(), other.splitlines(), f"before/{name}", f"after/{name}",
                                       lineterm="", n=2)) for one in before for other in after)
    return min(diffs, key=len)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("before", metavar="BEFORE")
    parser.add_argument("after", metavar="AFTER")
    parser.add_argument("--quiet", action="store_true", help="the names alone")
    arguments = parser.parse_args()
    before, after = Recording(arguments.before).documents(), Recording(arguments.after).documents()
    wrong = 0
    for name in sorted({*before, *after}):
        if name not in after or name not in before:
            print(f"{'only before' if name in before else 'only after'}: {name}")
        elif not same(before[name], after[name]):
            print(f"differs: {name}")
            if not arguments.quiet:
                print("\n".join(difference(name, before[name], after[name])))
        else:
            continue
        wrong += 1
    print(f"{len(before)} documents before, {len(after)} after; {wrong} of them differ")
    sys.exit(1 if wrong or not before else 0)


if __name__ == "__main__":
    main()
